"""Models as tables: pandas data frames, plain records, CSV.

    from formlabs_web_api.frames import to_frame

    runs = PrintsApi(client).prints_list_iter(status="FINISHED")
    frame = to_frame(runs)

or, of everything at once, ``client.frames.prints(status="FINISHED")``. Data frames need the extra
``pandas`` (``pip install ".[pandas]"`` in a checkout); records and CSV do not.

A table has one row for each model and a column for each field, named by the path to it as
``pandas.json_normalize(sep="_")`` would: ``user_username``, ``print_run_success_created_at``. Lists
of texts are joined; a list of objects becomes its length, ``parts_count``. A print inside another
object has a few columns only. Derived values are columns beside the raw ones: see the documentation
of the models. Undocumented fields are left out, and so are signed addresses, which give anybody
access to a picture, unless ``secrets`` is set.

All tables of a model have the same columns. In a data frame they have these types:

==================  ===================  ==========================================================
text                ``string``
one of few words    ``category``         of derived values and described enums, always all words
whole numbers       ``Int64``            layers, counts; fields that end in ``_ms`` are ms
numbers             ``float64``          ml where ``_ml``, mm where ``_mm``, shares 0 to 1, °C
yes or no           ``boolean``
date and time       ``datetime64[us, UTC]``
durations           ``timedelta64[us]``
==================  ===================  ==========================================================
"""

from formlabs_web_api.frames.build import to_frame
from formlabs_web_api.frames.excel import to_excel
from formlabs_web_api.frames.listings import Frames
from formlabs_web_api.frames.progress import FrameProgress
from formlabs_web_api.tables.csv_files import to_csv
from formlabs_web_api.tables.records import to_records

__all__ = ["FrameProgress", "Frames", "to_csv", "to_excel", "to_frame", "to_records"]

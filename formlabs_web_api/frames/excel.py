"""Write data frames as Excel workbooks."""

from __future__ import annotations

from datetime import tzinfo
from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING, Any, Dict, Optional, Union, cast

from formlabs_web_api._util.extras import install_hint
from formlabs_web_api._util.files import replacement

if TYPE_CHECKING:
    import pandas as pd

_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": None}
_DURATION = "[h]:mm:ss"


def to_excel(
    frame: pd.DataFrame,
    path: Union[str, PathLike[str]],
    *,
    sheet_name: str = "Sheet1",
    tz: Optional[tzinfo] = None,
) -> None:
    """Write a data frame as an Excel workbook with one sheet.

    Excel has no time zones, so ``DataFrame.to_excel`` refuses such columns. Here date-times
    are local times without a zone. A duration is a number that Excel shows in hours. No text is
    taken for a formula or a link.

    Args:
        frame: A data frame, for example ``client.frames.prints()``.
        path: The ``.xlsx`` file, which is written completely or not at all.
        sheet_name: The name of the sheet.
        tz: The zone of the times; None means the local one.

    Raises:
        ImportError: XlsxWriter is not installed.
        OSError: The file cannot be written.
    """
    try:
        import pandas as pd

        xlsxwriter: Any = import_module("xlsxwriter")  # it has no types
    except ImportError as error:
        raise ImportError(f"to_excel needs {error.name}: {install_hint('reports')}") from error
    shown = _without_zones(frame, tz)
    with replacement(path) as draft:
        workbook = xlsxwriter.Workbook(draft, _OPTIONS)
        try:
            sheet = workbook.add_worksheet(sheet_name)
            formats = {
                "M": workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
                "m": workbook.add_format({"num_format": _DURATION}),
            }
            sheet.freeze_panes(1, 0)
            for at, name in enumerate(shown.columns):
                sheet.write_string(0, at, str(name), workbook.add_format({"bold": True}))
                column = cast(Any, shown[name])
                style = formats.get(getattr(column.dtype, "kind", ""))
                sheet.set_column(at, at, 20 if style else None)
                for row, value in enumerate(column.tolist(), 1):
                    _write(sheet, row, at, value, style, pd)
        finally:
            workbook.close()


def _without_zones(frame: pd.DataFrame, tz: Optional[tzinfo]) -> pd.DataFrame:
    """Return the frame with local times, of seconds, in place of times with a zone."""
    import pandas as pd

    changed: Dict[str, Any] = {}
    for name in frame.columns:
        column = cast(Any, frame[name])
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            local = [None if pd.isna(one) else _local(one, tz) for one in column]
            changed[name] = pd.Series(local, index=frame.index, dtype="datetime64[us]")
    return cast("pd.DataFrame", cast(Any, frame).assign(**changed))


def _local(moment: Any, tz: Optional[tzinfo]) -> Any:
    # Of the standard library: pandas' astimezone(None) means UTC.
    return moment.to_pydatetime().astimezone(tz).replace(tzinfo=None)


def _write(sheet: Any, row: int, at: int, value: Any, style: object, pd: Any) -> None:
    if pd.isna(value):
        return
    if isinstance(value, str):
        sheet.write_string(row, at, value)
    elif isinstance(value, bool):
        sheet.write_boolean(row, at, value)
    elif isinstance(value, pd.Timestamp):
        sheet.write_datetime(row, at, value.to_pydatetime(), style)
    elif isinstance(value, pd.Timedelta):
        sheet.write_number(row, at, value.total_seconds() / 86_400, style)
    else:
        sheet.write_number(row, at, value)

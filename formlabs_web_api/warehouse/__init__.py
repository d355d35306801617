"""The account's history for warehouses and object stores, as a source of dlt.

    import dlt

    from formlabs_web_api.warehouse import fleet_source

    dlt.pipeline("formlabs", destination="duckdb", dataset_name="fleet").run(fleet_source(client))

Needs the extra ``dlt`` and Python 3.10 or newer; dlt needs another package for most destinations.
"""

from typing import TYPE_CHECKING

from formlabs_web_api._util.lazy import lazy_exports

if TYPE_CHECKING:
    from formlabs_web_api.warehouse.source import fleet_source as fleet_source

__getattr__, __dir__, __all__ = lazy_exports(__name__, {"fleet_source": "source"}, {})

"""The account's print history in a database: what ``client.mirror()`` gives."""

from typing import TYPE_CHECKING

from formlabs_web_api._util.lazy import lazy_exports

if TYPE_CHECKING:
    from formlabs_web_api.mirror.database import MirrorError as MirrorError
    from formlabs_web_api.mirror.store import Mirror as Mirror
    from formlabs_web_api.mirror.sync import SyncSummary as SyncSummary

__getattr__, __dir__, __all__ = lazy_exports(
    __name__, {"Mirror": "store", "MirrorError": "database", "SyncSummary": "sync"}, {}
)

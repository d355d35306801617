"""The account in a database: what ``client.mirror()`` gives."""

from typing import TYPE_CHECKING, Any

from formlabs_web_api._util.extras import install_hint
from formlabs_web_api._util.lazy import lazy_exports

if TYPE_CHECKING:
    from formlabs_web_api.mirror.database import MirrorError as MirrorError
    from formlabs_web_api.mirror.frames import MirrorFrames as MirrorFrames
    from formlabs_web_api.mirror.store import Mirror as Mirror
    from formlabs_web_api.mirror.summary import SyncProgress as SyncProgress
    from formlabs_web_api.mirror.summary import SyncSummary as SyncSummary
    from formlabs_web_api.mirror.verify import Difference as Difference
    from formlabs_web_api.mirror.verify import Verification as Verification
    from formlabs_web_api.mirror.writing import RowCounts as RowCounts

_export, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "Difference": "verify",
        "Mirror": "store",
        "MirrorError": "database",
        "MirrorFrames": "frames",
        "RowCounts": "writing",
        "SyncProgress": "summary",
        "SyncSummary": "summary",
        "Verification": "verify",
    },
    {},
)


def __getattr__(name: str) -> Any:
    try:
        return _export(name)
    except ImportError as error:
        if error.name not in ("alembic", "sqlalchemy"):
            raise
        message = f"a mirror needs {error.name}: {install_hint('mirror')}"
        raise ImportError(message, name=error.name) from error

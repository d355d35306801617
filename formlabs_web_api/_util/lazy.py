"""Names of a package that are imported when they are first used (PEP 562)."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Callable, List, Mapping, Tuple


def lazy_exports(
    package: str, exports: Mapping[str, str], aliases: Mapping[str, str]
) -> Tuple[Callable[[str], Any], Callable[[], List[str]], List[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` of ``package``.

    ``exports`` maps each name to its module below the package, ``aliases`` maps further names to
    exports. The modules and packages directly below are attributes as well. A star-import brings
    only the exports.
    """
    modules = {module.partition(".")[0] for module in exports.values()}

    def __getattr__(name: str) -> Any:
        if name in modules:
            value: Any = _imported(f"{package}.{name}")
        elif name in exports:
            value = getattr(_imported(f"{package}.{exports[name]}"), name)
        elif name in aliases:
            value = __getattr__(aliases[name])
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        # Kept, so that this function is asked once; two threads would keep the same.
        setattr(sys.modules[package], name, value)
        return value

    def __dir__() -> List[str]:
        return sorted({*vars(sys.modules[package]), *exports, *aliases, *modules})

    return __getattr__, __dir__, sorted(exports)


def _imported(name: str) -> ModuleType:
    from formlabs_web_api._util.garbage import garbage_collection_pause

    # Modules and their dependencies become many objects, all of which stay: the collector would
    # look through them again and again and free nothing.
    with garbage_collection_pause:
        return import_module(name)

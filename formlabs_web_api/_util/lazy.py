"""Names of a package that are imported when they are first used (PEP 562)."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Callable, List, Mapping, Tuple


def lazy_exports(
    package: str, exports: Mapping[str, str]
) -> Tuple[Callable[[str], Any], Callable[[], List[str]], List[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of ``package``.

    ``exports`` gives the module of each name, below the package. The modules and packages directly
    below are attributes as well, though no star-import brings them unless they are exports.
    """
    modules = {module.partition(".")[0] for module in exports.values()}

    def __getattr__(name: str) -> Any:
        if name in modules:
            value: Any = import_module(f"{package}.{name}")
        elif name in exports:
            value = getattr(import_module(f"{package}.{exports[name]}"), name)
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        # Kept, so that this function is asked once; two threads would keep the same.
        setattr(sys.modules[package], name, value)
        return value

    def __dir__() -> List[str]:
        return sorted({*vars(sys.modules[package]), *exports, *modules})

    return __getattr__, __dir__, sorted(exports)

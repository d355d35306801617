"""How to install an optional part of the package: the one wording of every such message."""

from __future__ import annotations


def install_hint(extra: str) -> str:
    """Return how to install an extra; the package is installed from a checkout, not an index."""
    return f'pip install ".[{extra}]" in a checkout of formlabs_web_api'


def package_hint(package: str) -> str:
    """Return how to install a package that no extra has."""
    return f"pip install {package}"

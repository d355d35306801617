"""Mixins that show an object as a table in notebooks and consoles, and in one line elsewhere.

The display package is imported only when an object is shown.
"""

from __future__ import annotations

from typing import Any


class Displayable:
    """Shown as a table in Jupyter and, if rich is installed, in consoles."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from formlabs_web_api.display.view import View

        return View(self).html()

    def __rich__(self) -> Any:
        from formlabs_web_api.display.view import View

        return View(self).rich()


class DisplayableModel(Displayable):
    """Displayable with a ``repr`` that is a summary in one line."""

    __slots__ = ()

    def __repr__(self) -> str:
        from formlabs_web_api.display.summary import summarize

        return summarize(self)

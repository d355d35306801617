"""How models show themselves: a table in a notebook, colours in a console, one line elsewhere.

Nothing is imported or computed until somebody looks. ``tables`` says what is shown of each kind of
thing, ``html`` and ``console`` paint it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType


class Shown:
    """Shows itself in Jupyter and, where rich is installed, in consoles."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from formlabs_web_api.display.view import View

        return View(self).html()

    def __rich__(self) -> RenderableType:
        from formlabs_web_api.display.view import View

        return View(self).rich()


class ShownInOneLine(Shown):
    """The same, and its ``repr`` is one line that a person can read."""

    __slots__ = ()

    def __repr__(self) -> str:
        from formlabs_web_api.display.one_line import line

        return line(self)

"""Showing models by hand: in a zone of one's own, with thumbnails, or a plain list of them.

Models, pages and ``client.quota`` show themselves in notebooks; this is for what they leave open::

    from formlabs_web_api.notebook import show

    show(runs, thumbnails=True, tz=ZoneInfo("Europe/Berlin"))
"""

from __future__ import annotations

from formlabs_web_api.display.view import View as show

__all__ = ["show"]

"""Show models with other settings than the default: a time zone, thumbnails, or a plain list.

Models, pages and ``client.quota`` already display themselves in notebooks; ``show`` adds options::

    from formlabs_web_api.notebook import show

    show(runs, thumbnails=True, tz=ZoneInfo("Europe/Berlin"))
"""

from __future__ import annotations

from formlabs_web_api.display.view import View as show

__all__ = ["show"]

"""Durations as people write them: ``30s``, ``5m``, ``1.5h``, or a number of seconds."""

from __future__ import annotations

import re

from formlabs_web_api.cli.session import usage

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(s|m|min|h|d|)")
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0}


def seconds_of(option: str, text: str) -> float:
    """Return a duration in seconds.

    Raises:
        typer.BadParameter: The text is not a duration, or the duration is 0.
    """
    found = _DURATION.fullmatch(text.strip().lower())
    seconds = float(found.group(1)) * _SECONDS[found.group(2)] if found else 0.0
    if not seconds:
        raise usage(option, f'"{text}" is not a duration; write 30s, 5m, 2h or seconds')
    return seconds

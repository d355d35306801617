"""Old name of :mod:`formlabs_web_api.hooks`, kept so that programs that import it still run."""

from __future__ import annotations

from formlabs_web_api.hooks import (
    Event,
    Hook,
    Hooks,
    Observer,
    RequestEvent,
    RequestReporter,
    logger,
)

__all__ = ["Event", "Hook", "Hooks", "Observer", "RequestEvent", "RequestReporter", "logger"]

"""How often a watcher polls: as asked, as the allowance permits, and slower during an outage."""

from __future__ import annotations

from formlabs_web_api.exceptions import ApiException
from formlabs_web_api.hooks import logger
from formlabs_web_api.rate_limit import Quota

_SHARE = 0.5
"""Share of what is left of the allowance that polls may use."""
_SHORTEST_WINDOW = 60.0
"""Windows shorter than this, in seconds, never slow down polls that are seconds apart."""
_LONGEST_PAUSE = 300.0
"""The longest time between two attempts during an outage, in seconds."""


class Pace:
    """Decides how long to wait between polls, and logs once each time it is not as asked.

    Args:
        every: Seconds between two polls, as asked.
    """

    def __init__(self, every: float) -> None:
        self.every = every
        self.interval = every
        """Seconds between two polls, as last decided."""
        self._has_warned = False
        self._failures = 0

    def after_success(self, quota: Quota) -> float:
        """Return the seconds from the poll that succeeded to the next."""
        if self._failures:
            logger.warning("The watcher reads the service again")
        self._failures = 0
        affordable = max(
            (
                window.period / max(1.0, window.left * _SHARE)
                for window in quota.windows
                if window.period >= _SHORTEST_WINDOW
            ),
            default=0.0,
        )
        if affordable > self.every and not self._has_warned:
            self._has_warned = True
            logger.warning(
                "The watcher polls every %.0f s in place of %g s, so that half of the "
                "request allowance is left for other calls",
                affordable,
                self.every,
            )
        self.interval = max(self.every, affordable)
        return self.interval

    def after_failure(self, error: ApiException) -> float:
        """Return the seconds from a failed poll to the next attempt."""
        if not self._failures:
            logger.warning("The watcher goes on once the service can be read: %s", error)
        self._failures += 1
        pause = min(self.every * 2.0 ** min(self._failures - 1, 20), _LONGEST_PAUSE)
        asked = getattr(error, "retry_after", None) or 0.0
        return max(self.every, pause, asked)

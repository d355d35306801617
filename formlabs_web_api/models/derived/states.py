"""Enums of derived values; members compare equal to their string."""

from __future__ import annotations

from enum import Enum


class _StringEnum(str, Enum):
    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, format_spec: str) -> str:
        return format(str(self.value), format_spec)


class PrinterState(_StringEnum):
    """The state of a printer."""

    OFFLINE = "offline"
    """Switched off, or its last call to the service is too old."""
    IDLE = "idle"
    """Online without a running job."""
    PREPARING = "preparing"
    """The job has begun, the first layer has not: the printer heats or fills its tank."""
    PRINTING = "printing"
    PAUSED = "paused"
    NEEDS_ATTENTION = "needs_attention"
    """The printer waits for a person, for example to put the tank back."""
    FINISHED = "finished"
    """The job is finished, and the build platform is not confirmed as clear."""
    ERROR = "error"
    UNKNOWN = "unknown"
    """The status is not known to this version, or the service gives too little information."""


class PrintOutcome(_StringEnum):
    """The result of a print."""

    SUCCESS = "success"
    """Finished, and rated a success."""
    FAILURE = "failure"
    """Ended with an error, or finished and rated a failure."""
    ABORTED = "aborted"
    """Stopped by a person."""
    UNRATED = "unrated"
    """Finished, and not rated."""
    IN_PROGRESS = "in_progress"
    ABANDONED = "abandoned"
    """Not reported as ended, days after its expected end."""


class EndedAtSource(_StringEnum):
    """The source of the time at which a print ended, best first."""

    REPORTED = "reported"
    """The printer reported it."""
    ESTIMATED = "estimated"
    """Estimated from the last report of its progress."""
    RATED = "rated"
    """The time of its rating, seconds to days after the end: the latest possible end."""
    UNKNOWN = "unknown"
    """No data to estimate the end from, or the print has not ended."""

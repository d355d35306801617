"""The words in which derived values answer; each equals its own text."""

from __future__ import annotations

from enum import Enum


class _Word(str, Enum):
    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, format_spec: str) -> str:
        return format(str(self.value), format_spec)


class PrinterState(_Word):
    """What a printer is doing."""

    OFFLINE = "offline"
    """Switched off, or not heard of for too long."""
    IDLE = "idle"
    """On line without a job that runs."""
    PREPARING = "preparing"
    """Its job has begun and no layer yet: it heats, or fills its tank."""
    PRINTING = "printing"
    PAUSED = "paused"
    NEEDS_ATTENTION = "needs_attention"
    """It waits for somebody, to put the tank back for example."""
    FINISHED = "finished"
    """Its job is finished, and nobody has confirmed that the build platform is clear."""
    ERROR = "error"
    UNKNOWN = "unknown"
    """Its status is a word not known here, or too little is known of it."""


class PrintOutcome(_Word):
    """What became of a print."""

    SUCCESS = "success"
    """Finished, and rated a success."""
    FAILURE = "failure"
    """Ended with an error, or finished and rated a failure."""
    ABORTED = "aborted"
    """Stopped by somebody."""
    UNRATED = "unrated"
    """Finished, and nobody has said how it turned out."""
    IN_PROGRESS = "in_progress"
    ABANDONED = "abandoned"
    """Never reported to have ended, days after it must have."""


class EndedAtSource(_Word):
    """Where the time at which a print ended is from, best first."""

    REPORTED = "reported"
    """The printer reported it."""
    ESTIMATED = "estimated"
    """Reckoned from the last report of its progress."""
    RATED = "rated"
    """When it was rated, which is seconds to days after its end: it ended no later."""
    UNKNOWN = "unknown"
    """There is nothing to go by, or the print has not ended."""

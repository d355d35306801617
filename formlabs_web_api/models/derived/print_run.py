"""Derived values of a print run: progress, expected end, end and outcome."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Optional, Tuple

from formlabs_web_api.models.derived.clock import TimeDependent
from formlabs_web_api.models.derived.raw import (
    add_durations,
    milliseconds,
    moment,
    number,
    text,
)
from formlabs_web_api.models.derived.states import EndedAtSource, PrintOutcome

if TYPE_CHECKING:
    from urllib3 import PoolManager

ENDED = frozenset(("FINISHED", "ABORTED", "ERROR"))
"""Statuses that are final."""
MOVING = frozenset(("PRINTING", "POSTCOAT", "ABORTING"))
"""Statuses in which a printer reports progress, from the first layer on. In all others, progress
and elapsed time do not change, which is not a fault."""

STALE_AFTER = timedelta(minutes=15)
"""Age from which a progress report counts as old. Reports arrived within minutes of the layer;
frozen ones did not change for hours (observation 1.3), part of which may have been a pause."""
ABANDONED_AFTER = timedelta(days=3)
"""Time after its expected end from which a print without a reported end counts as abandoned. It is
longer than a weekend, during which a paused print may wait for a person."""


class PrintRunDerived(TimeDependent):
    """Derived values of a print run; computed on access."""

    __slots__ = ()

    # Reported values.

    @property
    def started_at(self) -> Optional[datetime]:
        """Time at which the print started, in UTC."""
        return moment(self, "print_started_at")

    @property
    def estimated_duration(self) -> Optional[timedelta]:
        """Expected duration of the whole print; successful prints take 5 % longer or more."""
        return milliseconds(self, "estimated_duration_ms")

    @property
    def elapsed(self) -> Optional[timedelta]:
        """Printing time up to the last progress report: not the time since the start."""
        return milliseconds(self, "elapsed_duration_ms")

    @property
    def remaining(self) -> Optional[timedelta]:
        """Remaining time according to the last progress report: not the time remaining now."""
        return milliseconds(self, "estimated_time_remaining_ms")

    @property
    def rated_at(self) -> Optional[datetime]:
        """Time at which a person rated the print, in UTC; seconds to days after its end."""
        return moment(self, "print_run_success", "created_at")

    # Progress.

    @property
    def progress(self) -> float:
        """Share of the layers that are printed, 0 to 1, according to the last progress report.

        1 as soon as the print is FINISHED, whatever the last report contains: on part of the Form 4
        family, reports stop during the print (observations 1.3 and 1.6). 0 while the printer heats
        (layer -1) and if no layer is reported. For an aborted or failed print, the share that was
        printed.
        """
        if getattr(self, "status", None) == "FINISHED":
            return 1.0
        layer = number(self, "currently_printing_layer")
        layers = number(self, "layer_count")
        if layer is None or layers is None or layer <= 0 or layers <= 0:
            return 0.0
        return min(layer / layers, 1.0)

    @property
    def last_progress_at(self) -> Optional[datetime]:
        """Time of the last progress report, in UTC: the start plus the reported elapsed time."""
        return add_durations(self.started_at, self.elapsed)

    def is_stale(self, now: Optional[datetime] = None, after: timedelta = STALE_AFTER) -> bool:
        """Return True if progress reports have stopped although the print has not ended.

        Its ``progress`` and ``remaining`` are then those of :attr:`last_progress_at`; the print may
        still be running, and :attr:`eta` is still valid (observation 1.3). A print that heats,
        pauses or waits, or has not begun its first layer, is not stale.

        Args:
            now: Reference time; None means the time of the model's response.
            after: Age from which the last report counts as old.
        """
        if self._reports_no_progress:
            return False
        reported = self.last_progress_at
        return reported is not None and self._resolve_now(now) - reported > after

    # End.

    @property
    def eta(self) -> Optional[datetime]:
        """Expected end, judged from the time of the model's response; see :meth:`eta_at`."""
        return self.eta_at()

    def eta_at(self, now: Optional[datetime] = None) -> Optional[datetime]:
        """Return the expected end in UTC; None if the print has ended.

        It is the sum of the start, the elapsed and the remaining time of the last report, which
        was a good estimate even if reports had stopped (observation 1.3). While the print heats,
        pauses or waits, and before its first layer, the elapsed time does not change and the end
        is postponed: the result is then at least ``now`` plus the remaining time.

        Args:
            now: Reference time; None means the time of the model's response.
        """
        if self._has_ended:
            return None
        expected = self._expected_end
        if expected is None or not self._reports_no_progress:
            return expected
        earliest = add_durations(self._resolve_now(now), self.remaining)
        return expected if earliest is None else max(expected, earliest)

    @property
    def ended_at(self) -> Optional[datetime]:
        """Time of the end, judged from the time of the model's response; see :meth:`end_at`."""
        return self.end_at()

    def end_at(self, now: Optional[datetime] = None) -> Optional[datetime]:
        """Return the reported or estimated end in UTC; see :attr:`ended_at_source`.

        None while the print has not ended, and if there is no data to estimate the end from. An
        estimate later than ``now`` is replaced by :attr:`last_progress_at`, the earliest possible
        end.

        Args:
            now: Reference time; None means the time of the model's response.
        """
        ended, source = self._ending
        is_ahead = (
            source is EndedAtSource.ESTIMATED
            and ended is not None
            and ended > self._resolve_now(now)
        )
        return self.last_progress_at if is_ahead else ended

    @property
    def ended_at_source(self) -> EndedAtSource:
        """Source of :attr:`ended_at`.

        The reported end is used unless it is the service's "not known" (1 ms after the epoch, on
        prints of the Form 4 family) or earlier than the start. Otherwise the end is estimated: by
        the rule of :attr:`eta` for a finished print; as :attr:`last_progress_at`, the earliest
        possible end, for a print that failed or was aborted. If the print was rated before the
        estimated end, or there is no estimate, the time of the rating is used, which is the latest
        possible end.
        """
        return self._ending[1]

    @property
    def _ending(self) -> Tuple[Optional[datetime], EndedAtSource]:
        if not self._has_ended:
            return None, EndedAtSource.UNKNOWN
        started = self.started_at
        reported = moment(self, "print_finished_at")
        if reported is not None and (started is None or reported >= started):
            return reported, EndedAtSource.REPORTED
        is_finished = getattr(self, "status", None) == "FINISHED"
        estimated = self._expected_end if is_finished else self.last_progress_at
        rated = self.rated_at
        if rated is not None and started is not None and rated < started:
            rated = None
        if estimated is not None and (rated is None or estimated <= rated):
            return estimated, EndedAtSource.ESTIMATED
        return rated, EndedAtSource.UNKNOWN if rated is None else EndedAtSource.RATED

    @property
    def duration(self) -> Optional[timedelta]:
        """Time from the start to :attr:`ended_at`; None while the print has not ended."""
        return self.duration_at()

    def duration_at(self, now: Optional[datetime] = None) -> Optional[timedelta]:
        """Return the time from the start to :meth:`end_at`; None while the print has not ended.

        Args:
            now: Reference time; None means the time of the model's response.
        """
        started, ended = self.started_at, self.end_at(now)
        return None if started is None or ended is None else ended - started

    # Outcome.

    @property
    def outcome(self) -> PrintOutcome:
        """Outcome, judged from the time of the model's response; see :meth:`outcome_at`."""
        return self.outcome_at()

    def outcome_at(self, now: Optional[datetime] = None) -> PrintOutcome:
        """Return the outcome, which combines status and rating.

        The status FINISHED does not imply success: of 1228 finished prints, 56 were rated failures
        and 220 were not rated. A print with the status ERROR is a failure; an aborted print is
        aborted, whatever its rating (observation 1.6).

        Args:
            now: Reference time, which distinguishes a print in progress from an abandoned one;
                None means the time of the model's response.
        """
        status = text(self, "status")
        if status == "ABORTED":
            return PrintOutcome.ABORTED
        if status == "ERROR":
            return PrintOutcome.FAILURE
        if status != "FINISHED":
            return PrintOutcome.IN_PROGRESS if self.is_open(now) else PrintOutcome.ABANDONED
        rating = text(self, "print_run_success", "print_run_success")
        if rating == "SUCCESS":
            return PrintOutcome.SUCCESS
        return PrintOutcome.FAILURE if rating == "FAILURE" else PrintOutcome.UNRATED

    def is_open(self, now: Optional[datetime] = None) -> bool:
        """Return True if the print has not ended and is not abandoned.

        Some prints keep the status PRINTING in the history permanently (observation 1.6). A print
        whose expected end was more than three days ago counts as one of them.

        Args:
            now: Reference time; None means the time of the model's response.
        """
        if self._has_ended:
            return False
        expected = self._expected_end or self.last_progress_at or self.started_at
        if expected is None:
            expected = moment(self, "created_at")
        return expected is None or self._resolve_now(now) - expected <= ABANDONED_AFTER

    # Picture.

    def thumbnail(
        self,
        timeout: float = 10.0,
        max_bytes: int = 10_000_000,
        pool: Optional[PoolManager] = None,
    ) -> bytes:
        """Download the preview picture; the token is not sent, since the storage would refuse it.

        The picture's address expires about two hours after the print was read (observation 1.6).
        Redirects are not followed. The storage is not part of the service, so the download does
        not count against its rate limits.

        Args:
            timeout: Timeout in seconds for connecting, for each read, and for the whole download.
            max_bytes: Maximum size.
            pool: Pool manager to download through, ``client.rest_client.pool_manager`` for the
                proxy and certificates of a client. None creates one with the environment's proxy.

        Raises:
            ApiValueError: The print has no thumbnail.
            ApiException: The storage refused the request; :class:`ForbiddenException` if the
                address has expired, which the message then states.
            ResponseException: The picture is too large.
            ApiConnectionException: No response, or not in time (:class:`ApiTimeoutException`).
        """
        from formlabs_web_api.models.derived.thumbnail import fetch

        picture = getattr(self, "print_thumbnail", None)
        return fetch(text(getattr(picture, "thumbnail", None)), timeout, max_bytes, pool)

    @property
    def _has_ended(self) -> bool:
        return text(self, "status") in ENDED

    @property
    def _reports_no_progress(self) -> bool:
        """True while the print heats, pauses or waits, and after its end."""
        layer = number(self, "currently_printing_layer")
        is_before_the_first = layer is not None and layer < 0
        return is_before_the_first or text(self, "status") not in MOVING

    @property
    def _expected_end(self) -> Optional[datetime]:
        """The expected end according to the last progress report."""
        return add_durations(self.started_at, self.elapsed, self.remaining)

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
"""Statuses in which progress is reported, from the first layer on; in the others it stands still,
rightly, and the time elapsed with it."""

STALE_AFTER = timedelta(minutes=15)
"""Age at which a report of progress counts as old. Reports came within minutes of the layer, and
frozen ones stood for hours (observation 1.3); a pause may account for some of it."""
ABANDONED_AFTER = timedelta(days=3)
"""How long after its expected end a print that never reported one is given up: no weekend, over
which a paused one may wait for somebody, is as long."""


class PrintRunDerived(TimeDependent):
    """Derived values of a print run; computed when asked for."""

    __slots__ = ()

    # What was last reported.

    @property
    def started_at(self) -> Optional[datetime]:
        """When it started, in UTC."""
        return moment(self, "print_started_at")

    @property
    def estimated_duration(self) -> Optional[timedelta]:
        """How long the whole print was expected to take; good ones exceed it by 5 % and more."""
        return milliseconds(self, "estimated_duration_ms")

    @property
    def elapsed(self) -> Optional[timedelta]:
        """Time printed when progress was last reported: not time since the start."""
        return milliseconds(self, "elapsed_duration_ms")

    @property
    def remaining(self) -> Optional[timedelta]:
        """Time that was left when progress was last reported: not time left now."""
        return milliseconds(self, "estimated_time_remaining_ms")

    @property
    def rated_at(self) -> Optional[datetime]:
        """When somebody rated it, in UTC; seconds to days after its end."""
        return moment(self, "print_run_success", "created_at")

    # How far it is.

    @property
    def progress(self) -> float:
        """Share of the layers that are printed, 0 to 1, when progress was last reported.

        1 as soon as it is FINISHED, whatever the last report said: reports stop in mid-print on
        part of the Form 4 family (observations 1.3 and 1.6). 0 while it heats (layer -1) and where
        nothing is known. An aborted or failed print tells how far it came.
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
        """When its progress was last reported, in UTC: its start and the time elapsed then."""
        return add_durations(self.started_at, self.elapsed)

    def is_stale(self, now: Optional[datetime] = None, after: timedelta = STALE_AFTER) -> bool:
        """Whether reports of its progress have stopped although it has not ended.

        Its ``progress`` and ``remaining`` are those of :attr:`last_progress_at` then; the print
        itself may well go on, and :attr:`eta` still holds (observation 1.3). A print that heats,
        pauses or waits, or has not begun its first layer, is not stale.

        Args:
            now: The moment to judge from; None means the time of the model's response.
            after: Age of the last report from which on it counts as old.
        """
        if self._stands_still:
            return False
        reported = self.last_progress_at
        return reported is not None and self._resolve_now(now) - reported > after

    # When it ends, or ended.

    @property
    def eta(self) -> Optional[datetime]:
        """When it is expected to end, as far as is known at present; see :meth:`eta_at`."""
        return self.eta_at()

    def eta_at(self, now: Optional[datetime] = None) -> Optional[datetime]:
        """When it is expected to end, in UTC; None once it has ended.

        Its start, the time elapsed and the time remaining at the last report: that was a good
        estimate even where the reports had stopped (observation 1.3). While it heats, pauses or
        waits, and before its first layer, the time elapsed stands still and the end moves away:
        it is then no earlier than the time remaining after ``now``.

        Args:
            now: The moment to judge from; None means the time of the model's response.
        """
        if self._has_ended:
            return None
        expected = self._expected_end
        if expected is None or not self._stands_still:
            return expected
        earliest = add_durations(self._resolve_now(now), self.remaining)
        return expected if earliest is None else max(expected, earliest)

    @property
    def ended_at(self) -> Optional[datetime]:
        """When it ended, as well as that is known at present; see :meth:`end_at`."""
        return self.end_at()

    def end_at(self, now: Optional[datetime] = None) -> Optional[datetime]:
        """When it ended, in UTC, as well as that is known; see :attr:`ended_at_source`.

        None while it has not ended, and where there is nothing to go by. No print has ended later
        than ``now``: where the estimate says so, it is :attr:`last_progress_at`, the earliest.

        Args:
            now: The moment to judge from; None means the time of the model's response.
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
        """Where :attr:`ended_at` is from.

        What the printer reported is taken unless it is the service's "not known" (1 ms after the
        epoch, on prints of the Form 4 family), or before the start. Else the end is estimated: as
        :attr:`eta` for a finished print; as :attr:`last_progress_at`, which is the earliest, for
        one that failed or was aborted. A rating before that estimate proves it wrong; then, or
        where nothing can be estimated, the time of the rating stands, which is the latest.
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
        """From its start to :attr:`ended_at`, and as exact as that; None while it has not ended."""
        return self.duration_at()

    def duration_at(self, now: Optional[datetime] = None) -> Optional[timedelta]:
        """From its start to :meth:`end_at` as judged from ``now``, the present unless given."""
        started, ended = self.started_at, self.end_at(now)
        return None if started is None or ended is None else ended - started

    # What became of it.

    @property
    def outcome(self) -> PrintOutcome:
        """What became of it, as far as is known at present; see :meth:`outcome_at`."""
        return self.outcome_at()

    def outcome_at(self, now: Optional[datetime] = None) -> PrintOutcome:
        """What became of it: its status and its rating taken together.

        FINISHED alone proves nothing: of 1228 finished prints 56 were rated failures and 220 not at
        all. Errors are failures; an aborted print is aborted, however it was rated (observation
        1.6).

        Args:
            now: The moment to judge from, which tells a print in progress from an abandoned one;
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
        """Whether it has not ended and still may.

        Some prints stay PRINTING in the history forever (observation 1.6). One that should have
        ended more than three days ago is taken for one of them.

        Args:
            now: The moment to judge from; None means the time of the model's response.
        """
        if self._has_ended:
            return False
        expected = self._expected_end or self.last_progress_at or self.started_at
        if expected is None:
            expected = moment(self, "created_at")
        return expected is None or self._resolve_now(now) - expected <= ABANDONED_AFTER

    # What it looks like.

    def thumbnail(
        self,
        timeout: float = 10.0,
        max_bytes: int = 10_000_000,
        pool: Optional[PoolManager] = None,
    ) -> bytes:
        """The preview picture, fetched now; without the token, which its storage would refuse.

        Its address expires about two hours after the print was read (observation 1.6). No
        redirect is followed. It is not the service that answers, so no request limit counts it.

        Args:
            timeout: Seconds after which a connection, a silence or the whole is given up.
            max_bytes: Size beyond which it is given up.
            pool: urllib3's connections to fetch it through, ``client.rest_client.pool_manager``
                for one with a proxy or certificates of its own. None takes new ones, through the
                proxy that the environment names.

        Raises:
            ApiValueError: The print has no thumbnail.
            ApiException: The storage refused; :class:`ForbiddenException` where the address
                expired, and its text says so.
            ResponseException: The picture is too large.
            ApiConnectionException: No answer, or none in time (:class:`ApiTimeoutException`).
        """
        from formlabs_web_api.models.derived.thumbnail import fetch

        picture = getattr(self, "print_thumbnail", None)
        return fetch(text(getattr(picture, "thumbnail", None)), timeout, max_bytes, pool)

    @property
    def _has_ended(self) -> bool:
        return text(self, "status") in ENDED

    @property
    def _stands_still(self) -> bool:
        """Whether no progress is to be reported: it heats, pauses, waits, or has ended."""
        layer = number(self, "currently_printing_layer")
        is_before_the_first = layer is not None and layer < 0
        return is_before_the_first or text(self, "status") not in MOVING

    @property
    def _expected_end(self) -> Optional[datetime]:
        """When it was to end by its last report."""
        return add_durations(self.started_at, self.elapsed, self.remaining)

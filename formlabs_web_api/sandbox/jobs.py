"""How a print run goes on: its progress while it runs, when its reports stop, and how it ends."""

from __future__ import annotations

from typing import Tuple

from .instants import EPOCH_SENTINEL, MILLISECOND, MINUTE, Instant
from .records import Print


def warm_at(run: Print) -> Instant:
    """When preheating ends and the first layer begins."""
    return run.started + min(4 * MINUTE, (run.ends - run.started) // 10)


def progress(run: Print, now: Instant) -> Tuple[int, int, int]:
    """Layer being printed (-1 before the first one), ms elapsed, ms remaining, as reported."""
    if not run.live:
        return run.layer, run.elapsed_ms, run.remaining_ms
    now = min(max(now, run.started), run.ends)
    warm = warm_at(run)
    layer = -1
    if now >= warm:
        layer = min(run.layer_count - 1, run.layer_count * (now - warm) // (run.ends - warm))
    return layer, (now - run.started) // MILLISECOND, (run.ends - now) // MILLISECOND


def freeze(run: Print, at: Instant) -> None:
    """No progress report arrives after ``at``; the job itself may go on."""
    run.layer, run.elapsed_ms, run.remaining_ms = progress(run, at)
    run.live = False


def end(run: Print, status: str, at: Instant) -> None:
    """The job is over; one whose reports had stopped finishes in 1970 (observation 1.3)."""
    if run.live:
        freeze(run, at)
        run.remaining_ms = 0
        run.finished = at
    else:
        run.finished = EPOCH_SENTINEL
    run.status = status
    run.ends = at

"""The progress of a print run: work, halts, frozen reports, end."""

from __future__ import annotations

from typing import Tuple

from formlabs_web_api.sandbox.fleet.records import Print
from formlabs_web_api.sandbox.instants import EPOCH_SENTINEL, MILLISECOND, MINUTE, Instant


def length(run: Print) -> Instant:
    """Return how long a print run takes, without the time it was halted."""
    return run.ends - run.started - run.stood


def worked(run: Print, now: Instant) -> Instant:
    """Return how long a print run has worked by now, without the time it was halted."""
    until = run.ends if run.halted is None else min(run.halted, run.ends)
    return min(max(now, run.started + run.stood), until) - run.started - run.stood


def warm_up(run: Print) -> Instant:
    """Return how long a print run preheats before its first layer."""
    return min(4 * MINUTE, length(run) // 10)


def share(run: Print, now: Instant) -> float:
    """Return the share of layers done by now, from 0 to 1, whatever is reported."""
    warm = warm_up(run)
    return max(0, worked(run, now) - warm) / (length(run) - warm)


def progress(run: Print, now: Instant) -> Tuple[int, int, int]:
    """Return layer (-1 before the first one), ms elapsed, and ms remaining, as reported."""
    if not run.live:
        return run.layer, run.elapsed_ms, run.remaining_ms
    elapsed, warm = worked(run, now), warm_up(run)
    layer = -1
    if elapsed >= warm:
        done = run.layer_count * (elapsed - warm) // (length(run) - warm)
        layer = min(run.layer_count - 1, done)
    return layer, elapsed // MILLISECOND, (length(run) - elapsed) // MILLISECOND


def freeze(run: Print, at: Instant) -> None:
    """Stop reporting progress at ``at``; the job itself may continue."""
    run.layer, run.elapsed_ms, run.remaining_ms = progress(run, at)
    run.live = False


def halt(run: Print, at: Instant) -> None:
    """Halt a job at ``at``, until somebody helps."""
    run.halted = at


def go_on(run: Print, at: Instant) -> None:
    """Continue a halted job; its end is delayed by the time it was halted."""
    if run.halted is not None:
        run.stood += at - run.halted
        run.ends += at - run.halted
        run.halted = None


def end(run: Print, status: str, at: Instant) -> None:
    """End a job; one with frozen progress gets a finish time in 1970 (observation 1.3)."""
    if run.live:
        freeze(run, at)
        run.remaining_ms = 0
        run.finished = at
    else:
        run.finished = EPOCH_SENTINEL
    run.status = run.outcome = status
    run.ends = at

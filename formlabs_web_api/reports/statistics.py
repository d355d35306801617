"""Intervals of uncertainty: Wilson's for shares, the bootstrap for rates."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Callable, List, Optional, Sequence, Tuple

Z_95 = 1.959964
MINIMUM = 5
"""Fewer cases than these are given as counts, without a share."""
RESAMPLES = 2000


@dataclass(frozen=True)
class Share:
    """A share of cases with its 95 % interval; without them when the cases are few."""

    part: int
    whole: int
    value: Optional[float]
    low: Optional[float]
    high: Optional[float]


def share_of(part: int, whole: int) -> Share:
    """Return a share, with an interval if there are at least :data:`MINIMUM` cases."""
    if whole < MINIMUM:
        return Share(part, whole, None, None, None)
    low, high = wilson(part, whole)
    return Share(part, whole, part / whole, low, high)


def wilson(part: int, whole: int) -> Tuple[float, float]:
    """Return the Wilson score interval of 95 % of a share.

    It stays within 0 and 1 and holds for small numbers, which the usual plus and minus does not.

    Raises:
        ValueError: There are no cases, or the part is not within the whole.
    """
    if not 0 <= part <= whole or whole == 0:
        raise ValueError(f"{part} of {whole} is not a share")
    share, square = part / whole, Z_95**2
    scale = 1 + square / whole
    centre = (share + square / (2 * whole)) / scale
    half = Z_95 * sqrt(share * (1 - share) / whole + square / (4 * whole**2)) / scale
    return (
        0.0 if part == 0 else max(0.0, centre - half),
        1.0 if part == whole else min(1.0, centre + half),
    )


def bootstrap(
    values: Sequence[float], of: Callable[[Sequence[float]], float], seed: int = 1
) -> List[float]:
    """Return a statistic of :data:`RESAMPLES` resamples with replacement, in order.

    The generator is seeded, so that the same data give the same numbers in each run.
    """
    generator = random.Random(seed)
    count = len(values)
    return sorted(of(generator.choices(values, k=count)) for _ in range(RESAMPLES))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed."""
    return ordered[max(0, min(len(ordered) - 1, ceil(share * len(ordered)) - 1))]

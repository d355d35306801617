"""Wilson's interval against published values, and the quantiles of the bootstrap."""

from __future__ import annotations

from typing import Sequence, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formlabs_web_api.reports.statistics import bootstrap, quantile, share_of, wilson


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (0, 3, 0.0, 0.5615),
        (3, 3, 0.4385, 1.0),
        (9, 10, 0.5958, 0.9821),
        (952, 1079, 0.862, 0.900),
        (952, 1254, 0.735, 0.782),
    ],
)
def test_wilson_equals_known_values(part: int, whole: int, low: float, high: float) -> None:
    assert wilson(part, whole) == pytest.approx((low, high), abs=6e-4)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_solves_its_quadratic_equation(case: Tuple[int, int]) -> None:
    part, whole = case
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole <= high <= 1
    for bound in {low, high} - {0.0, 1.0}:
        # The bounds are the shares from which the observed one is 1.96 standard errors away.
        error = (bound * (1 - bound) / whole) ** 0.5
        assert abs(part / whole - bound) == pytest.approx(1.959964 * error, rel=1e-6)


def test_share_of_fewer_than_five_cases_is_none() -> None:
    assert share_of(4, 4).value is None
    assert share_of(5, 5).value == 1.0


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (2, 1), (-1, 3)])
def test_invalid_counts_of_a_share_are_refused(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="is not a share"):
        wilson(part, whole)


def test_a_bootstrap_is_the_same_each_time_and_in_order() -> None:
    def mean(sample: Sequence[float]) -> float:

        return sum(sample) / len(sample)

    first = bootstrap([1.0, 2.0, 9.0], mean)
    assert first == bootstrap([1.0, 2.0, 9.0], mean) == sorted(first)
    assert quantile(first, 0) == 1.0
    assert quantile(first, 1) == 9.0
    assert quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.1) == 1

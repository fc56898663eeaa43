from __future__ import annotations

import math

import pytest

from benchmarks.timing import bucket_shares, gap


@pytest.mark.parametrize(
    ("timing_ms", "expected"),
    [
        pytest.param({"download": 40.0, "slice": 60.0, "total": 100.0}, 0.0, id="adds-up"),
        pytest.param({"download": 40.0, "slice": 50.0, "total": 100.0}, 0.1, id="too-little"),
        pytest.param({"download": 40.0, "slice": 70.0, "total": 100.0}, 0.1, id="too-much"),
    ],
)
def test_the_gap_is_what_the_stages_leave_of_the_total(
    timing_ms: dict[str, float], expected: float
) -> None:
    """Both ways: stages that overlap tell as little as stages that are missing."""
    assert gap(timing_ms) == pytest.approx(expected)


def test_each_value_falls_into_one_bucket() -> None:
    """As Prometheus counts: a bound belongs to the bucket below it."""
    assert bucket_shares([0.5, 1.0, 1.5, 99.0], [1.0, 2.0, math.inf]) == [0.5, 0.25, 0.25]

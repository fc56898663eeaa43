"""Speed does not get lost unnoticed: counts and ratios against their bounds, never times."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.guard import FIGURES

SLACK = 3


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_has_become_much_more_costly(name: str, tmp_path: Path) -> None:
    """`python -m benchmarks.guard` prints all figures; who makes one worse on purpose says so."""
    figure = FIGURES[name]
    assert figure.measure(tmp_path) <= figure.bound, figure.measure.__doc__


@pytest.mark.parametrize("name", FIGURES)
def test_a_ratio_of_times_has_slack_and_a_count_has_little(name: str) -> None:
    """A guard that cries on a busy machine is switched off; a count does not depend on it."""
    figure = FIGURES[name]
    if figure.counts:
        assert figure.seen < figure.bound <= 1.5 * figure.seen
    else:
        assert figure.bound >= SLACK * figure.seen

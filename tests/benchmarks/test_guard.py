"""Speed does not get lost unnoticed: counts and ratios against stored bounds, never times."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.guard import FIGURES, bounds

# Counts are the same in every run; a ratio of processor times is given three times its value.
COUNTS = {
    "inspection_reads",
    "inspection_memory",
    "unsupported_gcode_reads",
    "modules_at_start",
}
SLACK = 3


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_nothing_has_become_much_more_costly(name: str, tmp_path: Path) -> None:
    """`python -m benchmarks.guard` prints all figures; who makes one worse on purpose says so."""
    figure, bound = FIGURES[name](tmp_path), bounds()[name]
    assert figure <= bound.bound, f"{bound.what}: {figure:.4g}"


def test_every_figure_has_a_bound_and_every_bound_a_figure() -> None:
    """A bound that nobody compares with anything protects nothing."""
    assert set(bounds()) == set(FIGURES)


@pytest.mark.parametrize("name", sorted(set(FIGURES) - COUNTS))
def test_a_ratio_of_times_has_slack(name: str) -> None:
    """A guard that cries on a busy machine is switched off."""
    assert bounds()[name].bound >= SLACK * bounds()[name].seen


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_a_count_has_little_slack(name: str) -> None:
    """It does not depend on the machine, so half as much again would be a change of ours."""
    assert bounds()[name].seen < bounds()[name].bound <= 1.5 * bounds()[name].seen

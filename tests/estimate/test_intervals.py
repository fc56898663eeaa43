"""Intervals are as wide as errors of unseen families ask for, by group."""

from __future__ import annotations

import numpy as np

from pricing_fdm.estimate.intervals import anchored, group_widths, shares


def test_intervals_are_wide_enough_for_a_family_that_is_not_among_them() -> None:
    """Errors of a family are alike: what holds nine of ten of these may miss the next family."""
    random = np.random.default_rng(22)
    families = np.repeat([f"family {number}" for number in range(10)], 40)
    of_family = np.repeat(random.normal(0, 0.1, 10), 40)
    alike = of_family + random.normal(0, 0.02, 400)
    mixed = random.permutation(alike)
    groups = np.full(400, "plain")
    wide = group_widths(alike, families, groups)["plain"]
    usual = group_widths(mixed, families, groups)["plain"]
    assert wide.low + wide.high > 1.05 * (usual.low + usual.high)
    inside = (-usual.low <= mixed) & (mixed <= usual.high)
    assert 0.89 <= inside.mean() <= 0.93


def test_a_group_that_is_harder_to_tell_has_wider_intervals() -> None:
    """Those of the others stay as they are; a group of few has the intervals of all."""
    random = np.random.default_rng(22)
    families = np.tile([f"family {number}" for number in range(5)], 90)
    groups = np.repeat(["plain", "lattice", "tiny"], [210, 230, 10])
    errors = random.normal(0, np.where(groups == "lattice", 0.2, 0.05))
    found = group_widths(errors, families, groups)
    for group in ("plain", "lattice"):
        inside = (-found[group].low <= errors) & (errors <= found[group].high)
        assert 0.87 <= inside[groups == group].mean() <= 0.94
    assert found["lattice"].high > 2.5 * found["plain"].high
    assert found["plain"].high < found["tiny"].high < found["lattice"].high


def test_a_slice_of_another_print_of_the_part_narrows_the_interval() -> None:
    """Half of the variance is the part's own: so much of an error is passed on, and no more."""
    random = np.random.default_rng(22)
    parts = np.repeat([f"part {number}" for number in range(200)], 4)
    families = np.repeat([f"family {number}" for number in range(10)], 80)
    errors = np.repeat(random.normal(0, 0.1, 200), 4) + random.normal(0, 0.1, 800)
    groups = np.full(800, "plain")
    alone = group_widths(errors, families, groups)
    found = anchored(errors, parts, families, groups, alone)
    assert 0.4 < found.share < 0.6
    assert 0.75 < found.widths["plain"].high / alone["plain"].high < 0.95
    own = anchored(random.normal(0, 0.1, 800), parts, families, groups, alone)
    assert own.share < 0.1
    assert all(own.widths[group].high <= alone[group].high for group in alone)


def test_without_two_prints_of_a_part_nothing_is_narrower() -> None:
    """There is nothing to learn it from."""
    errors, names = np.array([0.1, -0.1]), np.array(["one", "two"])
    alone = group_widths(errors, names, np.full(2, "plain"))
    assert anchored(errors, names, names, np.full(2, "plain"), alone).widths == alone


def test_shares_are_no_more_than_all() -> None:
    """However wrong the support was."""
    found = shares(np.array([-0.2, 0.1, 7.0]))
    assert (found.low, found.high) == (0.2, 1.0)

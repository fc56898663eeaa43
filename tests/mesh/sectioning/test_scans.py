"""Stretches of material along rays, and how they cover cells."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.sectioning.cuts import Axis
from pricing_fdm.mesh.sectioning.scans import Crossings, Spans, covered, crossed, filled, spans

CELLS = Axis(0.5, 1.0, 6)


def found(*crossings: tuple[int, float, bool]) -> Spans:
    ray, at, enters = zip(*crossings, strict=True)
    source = np.arange(len(ray))
    return spans(Crossings(np.array(ray), np.array(at, float), np.array(enters), source), 10.0)


def test_nested_and_overlapping_material_is_one_stretch() -> None:
    """0 to 5 and 3 to 8 overlap; on the next ray 1 to 2 stands alone."""
    both = found(
        (0, 3, True), (0, 0, True), (0, 8, False), (0, 5, False), (1, 1, True), (1, 2, False)
    )
    assert both.ray.tolist() == [0, 1]
    assert both.low.tolist() == [0, 1]
    assert both.high.tolist() == [8, 2]
    assert both.low_source.tolist() == [1, 4]


def test_a_cavity_parts_a_stretch() -> None:
    """Its shell is wound inwards."""
    hollow = found((0, 0, True), (0, 2, False), (0, 4, True), (0, 6, False))
    assert hollow.low.tolist() == [0, 4]
    assert hollow.high.tolist() == [2, 6]


def test_bodies_that_touch_are_one_stretch() -> None:
    """One ends where the other begins."""
    assert found((0, 0, True), (0, 3, False), (0, 3, True), (0, 5, False)).low.tolist() == [0]


def test_a_ray_that_does_not_leave_as_often_as_it_enters_is_dropped() -> None:
    """The surface is torn there; the next ray is not disturbed."""
    assert found((0, 1, True), (1, 2, True), (1, 3, False)).ray.tolist() == [1]


def test_a_segment_crosses_the_lines_between_its_ends() -> None:
    """In either direction."""
    ends = (np.array([0.0, 4.0]), np.array([2.6, 0.9]))
    segment, line, at = crossed(CELLS, ends, (np.array([0.0, 40.0]), np.array([26.0, 9.0])))
    assert segment.tolist() == [0, 0, 0, 1, 1, 1]
    assert line.tolist() == [0, 1, 2, 1, 2, 3]
    assert at.tolist() == pytest.approx([5, 15, 25, 15, 25, 35])


def test_cells_are_filled_by_their_middles_and_covered_by_shares() -> None:
    """Stretches may overlap where cells are only marked."""
    ray, low, high = np.array([0, 0, 1]), np.array([0.2, 1.0, 2.25]), np.array([2.6, 3.4, 9.0])
    assert filled(ray, low, high, CELLS, 2).astype(int).tolist() == [
        [1, 1, 1, 0, 0, 0],
        [0, 0, 1, 1, 1, 1],
    ]
    shares = covered(ray[1:], low[1:], high[1:], CELLS, 2)
    assert pytest.approx(np.array([[0, 1, 1, 0.4, 0, 0], [0, 0, 0.75, 1, 1, 1]])) == shares.T

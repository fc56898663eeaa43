"""Columns of support of known size."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.mesh.sectioning.test_measure import PLAN, sections, volume
from tests.mesh.shapes import box

TABLE = (box((40, 40, 2), (0, 0, 20)), box((10, 40, 20.5)))
BRIDGE = (box((40, 20, 2), (0, 0, 10)), box((8, 20, 10.5)), box((8, 20, 10.5), (32, 0, 0)))
SHELF = (box((40, 20, 2)), box((10, 20, 20)), box((40, 20, 2), (0, 0, 18)))


def test_an_overhang_stands_on_columns_down_to_the_bed() -> None:
    """30 x 40 mm hang freely, 20 mm above the bed, with a gap to the support."""
    part = sections(*TABLE)
    assert volume(part, "support_mm2") == pytest.approx(30 * 40 * 19.8, rel=0.03)
    assert part.support_tops_mm2 == pytest.approx(30 * 40, rel=0.03)
    assert part.support_floors_mm2 == 0


def test_support_above_the_part_stands_on_it() -> None:
    """Between two shelves there is a gap above and one below."""
    part = sections(*SHELF)
    assert volume(part, "support_mm2") == pytest.approx(30 * 20 * 15.6, rel=0.03)
    assert part.support_floors_mm2 == pytest.approx(30 * 20, rel=0.03)


def test_a_ceiling_that_lines_can_span_stays_free_unless_all_is_asked_for() -> None:
    """Both slicers leave bridges alone; `always` supports them, too."""
    assert volume(sections(*BRIDGE), "support_mm2") < 24 * 20 * 10 * 0.3
    everything = sections(*BRIDGE, plan=replace(PLAN, support_bridges=True))
    assert volume(everything, "support_mm2") == pytest.approx(24 * 20 * 9.8, rel=0.03)

"""Orders whose parts err alike leave ranges that add up as if they did not."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.order_intervals import Slices, table


@pytest.mark.parametrize("alike", [True, False], ids=["alike", "each its own way"])
def test_the_root_of_squares_holds_only_where_parts_err_each_in_its_own_way(
    alike: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """90 % of parts lie inside; end by end at least as many orders do, whatever the errors."""
    monkeypatch.setattr("scripts.order_intervals.ORDERS", 400)
    draw = np.random.default_rng(1)
    families = np.repeat([str(each) for each in range(300)], 20)
    common = np.repeat(draw.normal(size=300), 20)
    moved = common if alike else draw.normal(size=len(families))
    ends = np.full(len(families), 1.645)  # of a normal distribution
    meshes = np.array([str(each) for each in range(len(families))])
    rows = {parts: shares for parts, *shares in table(Slices(families, meshes, moved, -ends, ends))}
    (one, _), (added, rooted) = rows[1], rows[20]
    assert one == pytest.approx(0.9, abs=0.06)
    assert added >= one - 0.06
    assert (rooted < 0.5) == alike

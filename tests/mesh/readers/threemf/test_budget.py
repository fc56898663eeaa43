"""What one 3MF may cost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.readers.threemf.budget import MAX_PLACES, SPARE_BYTES, SPARE_ELEMENTS, Budget

LIMITS: dict[str, tuple[Callable[[Budget, int], None], int]] = {
    "bytes": (Budget.spend_bytes, 160 * 1000 + SPARE_BYTES),
    "elements": (Budget.spend_elements, 8 * 1000 + SPARE_ELEMENTS),
    "vertices": (Budget.spend_vertices, 3 * 1000 + SPARE_ELEMENTS),
    "places": (Budget.spend_places, MAX_PLACES),
}


@pytest.mark.parametrize(("spend", "most"), LIMITS.values(), ids=LIMITS)
def test_the_whole_budget_can_be_spent_and_no_more(
    spend: Callable[[Budget, int], None], most: int
) -> None:
    """Over all parts together; the limit itself is allowed."""
    budget = Budget(1000)
    spend(budget, most - 1)
    spend(budget, 1)
    with pytest.raises(ModelInvalid, match="than we read"):
        spend(budget, 1)


def test_triangles_are_counted_on_but_not_kept() -> None:
    """The caller learns how far over the limit the model is."""
    budget = Budget(1000)
    assert budget.admit_triangles(1000)
    assert not budget.admit_triangles(1)
    assert not budget.admit_triangles(500)
    assert budget.triangles == 1501

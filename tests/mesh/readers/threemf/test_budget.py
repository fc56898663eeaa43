"""What one 3MF may cost."""

from __future__ import annotations

import pytest

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.readers.threemf.budget import LIMITS, Budget, Kind


@pytest.mark.parametrize("kind", LIMITS)
def test_the_whole_budget_can_be_spent_and_no_more(kind: Kind) -> None:
    """Over all parts together; the limit itself is allowed."""
    each, more, refusal = LIMITS[kind]
    budget = Budget(1000)
    budget.spend(kind, each * 1000 + more - 1)
    budget.spend(kind)
    with pytest.raises(ModelInvalid, match=refusal):
        budget.spend(kind)


def test_triangles_are_counted_on_but_not_kept() -> None:
    """The caller learns how far over the limit the model is."""
    budget = Budget(1000)
    assert budget.admit_triangles(1000)
    assert not budget.admit_triangles(1)
    assert not budget.admit_triangles(500)
    assert budget.triangles == 1501

"""Trees as data say what scikit-learn's say, and lead nowhere else."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pricing_fdm.estimate.trees import Boosted, Tree

STEP = Tree(
    feature=(0, -1, 1, -1, -1),
    threshold=(2.0, 0, 0.5, 0, 0),
    left=(1, 0, 3, 0, 0),
    right=(2, 0, 4, 0, 0),
    value=(0, 10.0, 0, 20.0, 30.0),
)


@pytest.mark.parametrize(
    ("features", "value"),
    [((2.0, 9.0), 10.0), ((2.1, 0.5), 20.0), ((3.0, 0.6), 30.0)],
    ids=["up-to-the-threshold", "second-question", "beyond-both"],
)
def test_features_lead_to_one_leaf(features: tuple[float, float], value: float) -> None:
    """A value up to the threshold goes to the left, as in scikit-learn."""
    assert STEP.value_at(features) == value
    assert Boosted(start=1.0, trees=(STEP, STEP)).value_at(features) == 1.0 + 2 * value


@pytest.mark.parametrize(
    "change",
    [{"left": (0, 0, 3, 0, 0)}, {"right": (9, 0, 4, 0, 0)}, {"value": (0.0, 1.0)}],
    ids=["circle", "nowhere", "cut-short"],
)
def test_a_damaged_tree_is_refused(change: dict[str, tuple[float, ...]]) -> None:
    """A model file may be a shop's own; a circle in it would never end."""
    with pytest.raises(ValidationError):
        Boosted.model_validate({"start": 0.0, "trees": [{**STEP.model_dump(), **change}]})

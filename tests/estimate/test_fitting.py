"""A model is fitted to labels, and predicts what it has not seen."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from pricing_fdm.estimate.fitting import fit
from pricing_fdm.estimate.inputs import features_of
from pricing_fdm.estimate.matrices import Held
from pricing_fdm.estimate.model_file import EstimateModel
from tests.estimate.labels import HASH, rows


@cache
def fitted() -> tuple[EstimateModel, Held]:
    return fit(rows(), engine="orca", slicer="a box", date="2026-11-30", profile_hashes={HASH})


def test_a_family_that_was_held_out_is_predicted() -> None:
    """The labels follow the physics, so nearly nothing is left for the trees."""
    model, held = fitted()
    assert model.trained_on.labels == len(rows()) == len(held.time)
    assert (model.trained_on.parts, model.trained_on.families) == (12, 3)
    assert np.abs(held.time).max() < 0.02
    assert np.abs(held.filament).max() < 0.02
    assert len(held.support) == 0


def test_no_coefficient_is_negative_and_cooling_weighs_no_more_than_infill() -> None:
    """Otherwise more infill could cost less."""
    model, _ = fitted()
    for figure in (model.time, model.filament):
        assert min(figure.coefficients.values()) >= 0
    assert model.time.coefficients["cooling"] <= model.time.coefficients["sparse"]


def test_what_another_slicer_has_sliced_is_known_too() -> None:
    """A plain cube is no unknown part because one of both slicers has no label of it."""
    own = [row for row in rows() if row.part.height_mm < 10]
    others = [row for row in rows() if row.part.height_mm >= 10]
    model, held = fit(
        own, others, engine="orca", slicer="a box", date="2026-11-30", profile_hashes={HASH}
    )
    assert len(held.time) == len(own)
    highest = max(row.part.height_mm for row in others)
    assert model.ranges["log_height"].high == pytest.approx(math.log(highest))


def test_the_file_says_what_scikit_learn_says() -> None:
    """Trees are written with rounded figures and read without scikit-learn."""
    model, _ = fitted()
    again = EstimateModel.model_validate_json(model.model_dump_json())
    assert again == model
    row = rows()[0]
    said = model.time.residual.value_at(features_of(row.part, row.figures))
    assert said == pytest.approx(0, abs=0.05)

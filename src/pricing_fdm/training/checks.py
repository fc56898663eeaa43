"""What a model has to keep to: more never costs less, and errors within the aim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pricing_fdm.estimate.labels import Label
from pricing_fdm.estimate.model_file import EstimateModel
from pricing_fdm.estimate.predict import Prediction, predict
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.training.errors_table import Judged, prices
from pricing_fdm.training.model_folder import Fitted

_INFILLS = (0.1, 0.2, 0.4, 0.7, 1.0)
_ROUNDING = 1e-9
_COPIES = (1, 2, 5, 10, 50)
_AIMS = {"grams": (5.0, 12.0), "hours": (10.0, 25.0)}
"""Percent, in the median and for nine of ten."""


def monotone(fitted: Fitted, shop: Shop) -> str:
    """A sentence: how often more infill, or more copies, is told to cost less."""
    figures = np.array([_by_infill(label, fitted.model) for label in fitted.labels])
    # Where a layer waits, infill takes time that the wait gives back: equal but for rounding.
    less = int((np.diff(figures, axis=1) < -_ROUNDING * figures[:, 1:]).any(axis=(1, 2)).sum())
    seconds, grams = figures[:, 0].T
    by_copies = [prices(fitted.labels, shop, grams, seconds, copies) for copies in _COPIES]
    cheaper = int((np.diff(by_copies, axis=0) < 0).any(axis=0).sum())
    low, high = round(_INFILLS[0] * 100), round(_INFILLS[-1] * 100)
    return (
        f"Of {len(fitted.labels)} prints {less} would take less time or plastic with more infill "
        f"({low} to {high} %), and {cheaper} would cost less with more copies "
        f"({_COPIES[0]} to {_COPIES[-1]})."
    )


def _by_infill(label: Label, model: EstimateModel) -> list[tuple[float, float]]:
    row = label.row
    found = []
    for share in _INFILLS:
        figures = replace(row.figures, infill_share=share)
        said = predict(row.part, figures, model, profile_hash=row.profile_hash)
        if isinstance(said, Prediction):
            found.append((said.print_time_s.likely, said.filament_g.likely))
    # Whether a part is known does not depend on its infill.
    return found or [(1.0, 1.0)] * len(_INFILLS)


def beyond_the_aim(judged: Judged) -> str:
    """A sentence: which families are worse than they should be."""
    found = "; ".join(_beyond(judged))
    return f"Beyond the aim: {found}." if found else "No family is beyond the aim."


def _beyond(judged: Judged) -> Iterator[str]:
    for figure, aims in _AIMS.items():
        errors = np.abs(judged.error(figure)) * 100
        for family in np.unique(judged.families):
            found = np.quantile(errors[judged.families == family], [0.5, 0.9])
            if (found > aims).any():
                yield f"{figure} of {family} ({found[0]:.1f} %, {found[1]:.1f} %)"

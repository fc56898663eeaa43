"""Fits a model to labels, and says how wrong it is on families that it has not seen.

For development; the service reads what comes of it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pricing_fdm.estimate.inputs import FEATURES, group_of
from pricing_fdm.estimate.intervals import anchored, group_widths, shares
from pricing_fdm.estimate.matrices import RATE, Held, Matrices
from pricing_fdm.estimate.model_file import EstimateModel, Figure, Span, Trained
from pricing_fdm.estimate.physics import FILAMENT_TERMS, TIME_TERMS
from pricing_fdm.estimate.rows import Row
from pricing_fdm.estimate.trees import Boosted, Tree

Reals = npt.NDArray[np.float64]


def can_fit() -> bool:
    """Whether scikit-learn is installed."""
    return importlib.util.find_spec("sklearn") is not None


def fit(
    rows: Sequence[Row],
    others: Sequence[Row] = (),
    *,
    engine: str,
    slicer: str,
    date: str,
    profile_hashes: Collection[str],
) -> tuple[EstimateModel, Held]:
    """Fits a model, and measures its intervals on families that were held out.

    Args:
        rows: Of the slicer that the model is for.
        others: Of other slicers. These share their ancestors and the printer, so the times of one
            tell of those of the other, and what either has sliced is known to both; they are never
            predicted.
        engine: The slicer.
        slicer: Its version.
        date: Of the fit.
        profile_hashes: The presets that it may be used for.
    """
    table = Matrices(rows, others)
    held = table.held_out()
    groups = np.array([group_of(row.part) for row in rows])
    families = np.array([row.family for row in rows])
    prints = np.array([_print_of(row, group) for row, group in zip(rows, groups, strict=True)])
    everything = np.ones(len(rows) + len(others), dtype=np.bool_)

    def figure(
        fitted: tuple[Reals, list[Any], float], names: tuple[str, ...], errors: Reals
    ) -> Figure:
        coefficients, trees, start = fitted
        widths = group_widths(errors, families, groups)
        return Figure(
            coefficients=dict(zip(names, coefficients.round(6).tolist(), strict=True)),
            residual=_boosted(trees, start),
            widths=widths,
            anchored=anchored(errors, prints, families, groups, widths),
        )

    model = EstimateModel(
        engine=engine,
        trained_on=Trained(
            date=date,
            slicer=slicer,
            labels=len(rows),
            parts=len({row.mesh_sha256 for row in rows}),
            families=len(set(families.tolist())),
        ),
        profile_hashes=tuple(sorted(profile_hashes)),
        ranges={
            name: Span(low=float(values.min()), high=float(values.max()))
            for name, values in zip(FEATURES, table.features.T, strict=True)
        },
        time=figure(table.time_fitted(everything), TIME_TERMS, held.time),
        filament=figure(table.filament_fitted(everything), FILAMENT_TERMS, held.filament),
        support=shares(held.support),
    )
    return model, held


def _boosted(trees: Sequence[Any], start: float) -> Boosted:
    return Boosted(start=round(start, 6), trees=tuple(_tree(tree) for tree in trees))


def _tree(tree: Any) -> Tree:  # noqa: ANN401 - scikit-learn has no types
    leaf = tree.feature < 0
    return Tree(
        feature=tuple(np.where(leaf, -1, tree.feature).tolist()),
        threshold=tuple(float(f"{each:.7g}") for each in np.where(leaf, 0, tree.threshold)),
        left=tuple(np.where(leaf, 0, tree.children_left).tolist()),
        right=tuple(np.where(leaf, 0, tree.children_right).tolist()),
        value=tuple(np.where(leaf, tree.value[:, 0, 0] * RATE, 0.0).round(6).tolist()),
    )


def _print_of(row: Row, group: str) -> str:
    """The same for prints of a mesh that stand alike, and have support if the others have some."""
    part = row.part
    size = f"{part.width_mm:.1f} {part.depth_mm:.1f} {part.height_mm:.1f}"
    return f"{row.mesh_sha256} {size} {group == 'supported'}"

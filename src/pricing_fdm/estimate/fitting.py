"""Fits a model to labels, and says how wrong it is on families that it has not seen.

For development: scikit-learn is imported here only, and only when a model is fitted.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pricing_fdm.estimate.inputs import FEATURES, GROUPS, features_of, group_of
from pricing_fdm.estimate.model_file import EstimateModel, Figure, Span, Trained, Widths
from pricing_fdm.estimate.physics import FILAMENT_TERMS, SUPPORT_TERMS, TIME_TERMS, terms
from pricing_fdm.estimate.predict import INTERVAL
from pricing_fdm.estimate.rows import Row
from pricing_fdm.estimate.trees import Boosted, Tree

Reals = npt.NDArray[np.float64]
Names = npt.NDArray[np.str_]

TREES = 120
_SEED = 22
_RATE = 0.06
_PRIOR = 0.3
_TAILS = tuple((1 - INTERVAL) / 2 * share for share in (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3))
_MIN_IN_GROUP = 20
_MIN_SUPPORT_G = 0.1


def can_fit() -> bool:
    """Whether scikit-learn is installed."""
    return importlib.util.find_spec("sklearn") is not None


@dataclass(frozen=True, slots=True)
class Held:
    """Errors of rows, each predicted by a model that has not seen its family.

    Attributes:
        time: Logarithm of sliced to likely.
        filament: See `time`.
    """

    time: Reals
    filament: Reals
    support: Reals


def fit(
    rows: Sequence[Row],
    *,
    engine: str,
    slicer: str,
    date: str,
    profile_hashes: Collection[str],
) -> tuple[EstimateModel, Held]:
    """Fits a model, and measures its intervals on families that were held out."""
    table = _Table(rows)
    held = table.held_out()
    groups = np.array([group_of(row.part) for row in rows])
    families = np.array([row.family for row in rows])
    meshes = np.array([row.mesh_sha256 for row in rows])
    everything = np.ones(len(rows), dtype=np.bool_)

    def figure(terms_: Reals, target: Reals, names: tuple[str, ...], errors: Reals) -> Figure:
        coefficients, trees, start = table.fitted(terms_, target, everything)
        return Figure(
            coefficients=dict(zip(names, coefficients.round(6).tolist(), strict=True)),
            residual=_boosted(trees, start),
            widths=group_widths(errors, families, groups),
            anchored=_anchored(errors, meshes),
        )

    model = EstimateModel(
        engine=engine,
        trained_on=Trained(
            date=date,
            slicer=slicer,
            labels=len(rows),
            parts=len(set(meshes.tolist())),
            families=len(set(families.tolist())),
        ),
        profile_hashes=tuple(sorted(profile_hashes)),
        ranges={
            name: Span(low=float(values.min()), high=float(values.max()))
            for name, values in zip(FEATURES, table.features.T, strict=True)
        },
        time=figure(table.time_terms, table.time, TIME_TERMS, held.time),
        filament=figure(table.filament_terms, table.filament, FILAMENT_TERMS, held.filament),
        support=_widths(held.support, _TAILS[0]),
    )
    return model, held


class _Table:
    """Labels as matrices."""

    def __init__(self, rows: Sequence[Row]) -> None:
        found = [terms(row.part, row.figures) for row in rows]
        self.time_terms = np.array([[each.time_s[name] for name in TIME_TERMS] for each in found])
        self.filament_terms = np.array(
            [[each.filament_mm3[name] for name in FILAMENT_TERMS] for each in found]
        )
        self.time = np.array([row.print_time_s for row in rows])
        density = np.array([row.figures.density for row in rows])
        self.filament = np.array([row.filament_g for row in rows]) / density * 1000
        self.support = np.array([row.support_g for row in rows]) / density * 1000
        self.support_g = np.array([row.support_g for row in rows])
        self.features = np.array([features_of(row.part, row.figures) for row in rows])
        self.families = np.array([row.family for row in rows])

    def held_out(self) -> Held:
        """Each family, predicted from the others."""
        time, filament = np.zeros(len(self.time)), np.zeros(len(self.time))
        support = np.zeros(len(self.time))
        supports = [name in SUPPORT_TERMS for name in FILAMENT_TERMS]
        coefficients = np.zeros(len(FILAMENT_TERMS))
        for family in sorted(set(self.families.tolist())):
            held = self.families == family
            for terms_, target, errors in (
                (self.time_terms, self.time, time),
                (self.filament_terms, self.filament, filament),
            ):
                coefficients, trees, start = self.fitted(terms_, target, ~held)
                likely = terms_[held] @ coefficients
                likely *= np.exp(start + _said(trees, self.features[held]))
                errors[held] = np.log(target[held] / likely)
            said = self.filament_terms[held][:, supports] @ coefficients[supports]
            support[held] = np.log(np.maximum(self.support[held], 1e-9) / np.maximum(said, 1e-9))
        return Held(time, filament, support[self.support_g > _MIN_SUPPORT_G])

    def fitted(
        self, terms_: Reals, target: Reals, chosen: npt.NDArray[np.bool_]
    ) -> tuple[Reals, list[Any], float]:
        """Coefficients, trees and what these start from."""
        from sklearn.ensemble import GradientBoostingRegressor  # noqa: PLC0415
        from sklearn.linear_model import LinearRegression  # noqa: PLC0415 - not of the service

        shares = terms_[chosen] / target[chosen, np.newaxis]
        # The physics is right as it stands where the labels do not tell.
        prior = np.diag(_PRIOR * np.sqrt((shares**2).sum(axis=0)))
        line = LinearRegression(positive=True, fit_intercept=False)
        line.fit(
            np.concatenate([shares, prior]),
            np.concatenate([np.ones(len(shares)), prior.sum(axis=1)]),
        )
        coefficients: Reals = line.coef_
        if terms_ is self.time_terms:
            coefficients = _monotone(coefficients)
        left = np.log(target[chosen] / (terms_[chosen] @ coefficients))
        start = float(np.median(left))
        boosted = GradientBoostingRegressor(
            loss="huber",
            n_estimators=TREES,
            max_depth=3,
            learning_rate=_RATE,
            subsample=0.6,
            min_samples_leaf=min(8, max(1, int(chosen.sum()) // 20)),
            max_features=0.4,
            random_state=_SEED,
            init="zero",
        )
        boosted.fit(self.features[chosen], left - start)
        return coefficients, [each[0].tree_ for each in boosted.estimators_], start


def _monotone(coefficients: Reals) -> Reals:
    """Waiting for a layer to cool must not weigh more than the infill that shortens the wait."""
    result = coefficients.copy()
    cooling, sparse = TIME_TERMS.index("cooling"), TIME_TERMS.index("sparse")
    result[cooling] = min(result[cooling], result[sparse])
    return result


def _said(trees: Sequence[Any], features: Reals) -> Reals:
    rows = features.astype(np.float32)
    total: Reals = np.sum([tree.predict(rows)[:, 0] for tree in trees], axis=0) * _RATE
    return total


def _boosted(trees: Sequence[Any], start: float) -> Boosted:
    return Boosted(start=round(start, 6), trees=tuple(_tree(tree) for tree in trees))


def _tree(tree: Any) -> Tree:  # noqa: ANN401 - scikit-learn has no types
    leaf = tree.feature < 0
    return Tree(
        feature=tuple(np.where(leaf, -1, tree.feature).tolist()),
        threshold=tuple(float(f"{each:.7g}") for each in np.where(leaf, 0, tree.threshold)),
        left=tuple(np.where(leaf, 0, tree.children_left).tolist()),
        right=tuple(np.where(leaf, 0, tree.children_right).tolist()),
        value=tuple(np.where(leaf, tree.value[:, 0, 0] * _RATE, 0.0).round(6).tolist()),
    )


def group_widths(errors: Reals, families: Names, groups: Names) -> dict[str, Widths]:
    """Split-conformal intervals by group, wide enough for a family that is not among these.

    Errors of a family are alike, so quantiles of them all are too narrow for the next one. What is
    left out at both ends shrinks until each family lies within the intervals of the others.
    """
    for tail in _TAILS:
        inside = np.zeros(len(errors), dtype=np.bool_)
        for family in np.unique(families):
            others = families != family
            found = _by_group(errors[others], groups[others], tail)
            for group, widths in found.items():
                here = (families == family) & (groups == group)
                inside[here] = (-widths.low <= errors[here]) & (errors[here] <= widths.high)
        if inside.mean() >= INTERVAL:
            break
    return _by_group(errors, groups, tail)


def _by_group(errors: Reals, groups: Names, tail: float) -> dict[str, Widths]:
    """Of all rows where a group has too few."""
    chosen = {name: groups == name for name in GROUPS}
    return {
        name: _widths(errors[rows] if rows.sum() >= _MIN_IN_GROUP else errors, tail)
        for name, rows in chosen.items()
    }


def _widths(errors: Reals, tail: float) -> Widths:
    return Widths(low=_quantile(-errors, tail), high=_quantile(errors, tail))


def _quantile(errors: Reals, tail: float) -> float:
    """The value that errors exceed with the chance `tail`, for a finite sample."""
    if not len(errors):
        return 0.5
    rank = min(len(errors), math.ceil((len(errors) + 1) * (1 - tail)))
    return round(min(5.0, max(0.0, float(np.sort(errors)[rank - 1]))), 4)


def _anchored(errors: Reals, meshes: npt.NDArray[np.str_]) -> Widths:
    """From variants of the same mesh: the error of one once that of another is known."""
    apart = np.array(list(_pairs(errors, meshes)))
    return _widths(apart, _TAILS[0])


def _pairs(errors: Reals, meshes: npt.NDArray[np.str_]) -> Iterator[float]:
    for mesh in sorted(set(meshes.tolist())):
        some = errors[meshes == mesh].tolist()
        for number, one in enumerate(some):
            for other in (*some[:number], *some[number + 1 :]):
                yield one - other

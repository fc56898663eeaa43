"""Labels as matrices: coefficients and trees from some of them, and errors of families held out.

For development: scikit-learn is imported here only, and only when a model is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pricing_fdm.estimate.inputs import features_of
from pricing_fdm.estimate.physics import FILAMENT_TERMS, SUPPORT_TERMS, TIME_TERMS, terms
from pricing_fdm.estimate.rows import Row

Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

TREES = 120
RATE = 0.06
_SEED = 22
_PRIOR = 0.3
_MIN_IN_LEAF = 24
"""Six parts that are printed four times each: fewer tell of themselves only."""


@dataclass(frozen=True, slots=True)
class Held:
    """Errors of rows, each predicted by a model that has not seen its family.

    Attributes:
        time: Logarithm of sliced to likely.
        filament: See `time`.
        support: What the likely grams of support lack, as a share of all; of rows with support.
    """

    time: Reals
    filament: Reals
    support: Reals


class Matrices:
    """Rows of one slicer, and of others whose times are learned from, too.

    Attributes:
        own: Which rows are of the slicer; these come first.
    """

    def __init__(self, rows: Sequence[Row], others: Sequence[Row] = ()) -> None:
        every = [*rows, *others]
        found = [terms(row.part, row.figures) for row in every]
        self.own = np.arange(len(every)) < len(rows)
        self.time_terms = np.array([[each.time_s[name] for name in TIME_TERMS] for each in found])
        self.filament_terms = np.array(
            [[each.filament_mm3[name] for name in FILAMENT_TERMS] for each in found]
        )
        self.time = np.array([row.print_time_s for row in every])
        density = np.array([row.figures.density for row in every])
        self.filament = np.array([row.filament_g for row in every]) / density * 1000
        self.support = np.array([row.support_g for row in every]) / density * 1000
        self.features = np.array([features_of(row.part, row.figures) for row in every])
        self.families = np.array([row.family for row in every])

    def held_out(self) -> Held:
        """Each family of the slicer, predicted from the others."""
        count = int(self.own.sum())
        time, filament, support = np.zeros(count), np.zeros(count), np.zeros(count)
        supports = [name in SUPPORT_TERMS for name in FILAMENT_TERMS]
        for family in sorted(set(self.families[self.own].tolist())):
            rest = self.families != family
            held = np.flatnonzero(self.own & ~rest)
            coefficients, trees, start = self.time_fitted(rest)
            likely = self.time_terms @ coefficients
            time[held] = self._errors(held, self.time, likely, trees, start)
            coefficients, trees, start = self.filament_fitted(rest)
            likely = self.filament_terms @ coefficients
            filament[held] = self._errors(held, self.filament, likely, trees, start)
            said = self.filament_terms[held][:, supports] @ coefficients[supports]
            support[held] = (self.support[held] - said) / self.filament[held]
        supported = self.filament_terms[self.own][:, supports].any(axis=1)
        return Held(time, filament, support[supported])

    def time_fitted(self, chosen: Flags) -> tuple[Reals, list[Any], float]:
        """Coefficients, trees and what these start from."""
        coefficients = _coefficients(self.time_terms[chosen], self.time[chosen])
        # Waiting for a layer to cool weighs no more than the infill that shortens the wait.
        cooling, sparse = TIME_TERMS.index("cooling"), TIME_TERMS.index("sparse")
        coefficients[cooling] = min(coefficients[cooling], coefficients[sparse])
        return coefficients, *self._trees(chosen, self.time, self.time_terms @ coefficients)

    def filament_fitted(self, chosen: Flags) -> tuple[Reals, list[Any], float]:
        """The same; how much they extrude, the slicers differ in."""
        chosen = chosen & self.own
        coefficients = _coefficients(self.filament_terms[chosen], self.filament[chosen])
        likely = self.filament_terms @ coefficients
        return coefficients, *self._trees(chosen, self.filament, likely)

    def _trees(self, chosen: Flags, target: Reals, likely: Reals) -> tuple[list[Any], float]:
        from sklearn.ensemble import GradientBoostingRegressor  # noqa: PLC0415

        left = np.log(target / likely)
        start = float(np.median(left[chosen & self.own]))
        left[self.own] -= start
        if (chosen & ~self.own).any():
            left[~self.own] -= np.median(left[chosen & ~self.own])
        boosted = GradientBoostingRegressor(
            loss="huber",
            n_estimators=TREES,
            max_depth=2,
            learning_rate=RATE,
            subsample=0.6,
            min_samples_leaf=min(_MIN_IN_LEAF, max(1, int(chosen.sum()) // 20)),
            max_features=0.4,
            random_state=_SEED,
            init="zero",
        )
        boosted.fit(self.features[chosen], left[chosen])
        return [each[0].tree_ for each in boosted.estimators_], start

    def _errors(
        self,
        held: npt.NDArray[np.intp],
        target: Reals,
        likely: Reals,
        trees: Sequence[Any],
        start: float,
    ) -> Reals:
        rows = self.features[held].astype(np.float32)
        said = np.sum([tree.predict(rows)[:, 0] for tree in trees], axis=0) * RATE
        result: Reals = np.log(target[held] / likely[held]) - start - said
        return result


def _coefficients(terms_: Reals, target: Reals) -> Reals:
    """None is negative; where the rows do not tell, the physics is right as it stands."""
    from sklearn.linear_model import LinearRegression  # noqa: PLC0415 - not of the service

    shares = terms_ / target[:, np.newaxis]
    prior = np.diag(_PRIOR * np.sqrt((shares**2).sum(axis=0)))
    line = LinearRegression(positive=True, fit_intercept=False)
    line.fit(
        np.concatenate([shares, prior]),
        np.concatenate([np.ones(len(shares)), prior.sum(axis=1)]),
    )
    result: Reals = line.coef_
    return result

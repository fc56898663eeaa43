"""Prints how many orders take a time that lies in the range of their estimate.

    python -m scripts.order_intervals LABELS [SHOP_DIR]

Each part is predicted by a model that has not seen its family. Orders are drawn at random from the
parts of one family, as a customer's are of one project. Compared are the two ways in which ranges
of parts may add up: end by end, and as the root of the sum of squares, which is right where errors
have nothing to do with each other.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pricing_fdm.estimate.inputs import group_of
from pricing_fdm.estimate.labels import read_labels
from pricing_fdm.settings.shop import bundled_shop_folder
from pricing_fdm.shop.load import load_shop
from pricing_fdm.slicers.presets.loaded_shop import load_presets
from pricing_fdm.training.model_folder import Fitted, fit_all

Names = npt.NDArray[np.str_]
Reals = npt.NDArray[np.float64]

PARTS = (1, 2, 5, 10, 20)
ORDERS = 4000
SEED = 22


def main(labels: str, shop: str | None = None) -> None:
    """Prints a table for each slicer."""
    loaded = load_presets(load_shop(Path(shop) if shop else bundled_shop_folder()))
    for fitted in fit_all(
        list(read_labels(Path(labels)).labels.values()), loaded, dt.datetime.now(dt.UTC).date()
    ):
        print(f"\n{fitted.model.engine} {fitted.model.trained_on.slicer}\n")
        print("| parts of one family | end by end | root of squares |\n| ---: | ---: | ---: |")
        for parts, added, rooted in table(Slices.of(fitted)):
            print(f"| {parts} | {added:.1%} | {rooted:.1%} |")


@dataclass(frozen=True, slots=True)
class Slices:
    """All slices.

    Attributes:
        families: Of each.
        meshes: Of each; those of one part are equal.
        moved: Sliced less what is likely, in seconds.
        low: The lower end less what is likely.
        high: See `low`.
    """

    families: Names
    meshes: Names
    moved: Reals
    low: Reals
    high: Reals

    @classmethod
    def of(cls, fitted: Fitted) -> Slices:
        """Each beside what a model says that has not seen its family."""
        rows = [label.row for label in fitted.labels]
        sliced = np.array([row.print_time_s for row in rows])
        likely = sliced / np.exp(fitted.held.time)
        widths = [fitted.model.time.widths[group_of(row.part)] for row in rows]
        return cls(
            np.array([row.family for row in rows]),
            np.array([row.mesh_sha256 for row in rows]),
            sliced - likely,
            likely * (np.exp([-each.low for each in widths]) - 1),
            likely * (np.exp([each.high for each in widths]) - 1),
        )

    def order(self, draw: np.random.Generator, parts: int) -> npt.NDArray[np.intp]:
        """Different parts of one family, each as it was printed one time."""
        (alike,) = np.nonzero(self.families == draw.choice(self.families))
        shuffled = draw.permutation(alike)
        _, first = np.unique(self.meshes[shuffled], return_index=True)
        return shuffled[np.sort(first)[:parts]]


def table(slices: Slices) -> Iterator[tuple[int, float, float]]:
    """For orders of so many parts: which share lies inside, by either way of adding."""
    draw = np.random.default_rng(SEED)
    for parts in PARTS:
        inside = np.zeros((ORDERS, 2))
        for number in range(ORDERS):
            order = slices.order(draw, parts)
            low, high, moved = slices.low[order], slices.high[order], slices.moved[order].sum()
            inside[number] = (
                low.sum() <= moved <= high.sum(),
                -_root(low) <= moved <= _root(high),
            )
        added, rooted = inside.mean(axis=0)
        yield parts, float(added), float(rooted)


def _root(moved: Reals) -> float:
    return float(np.sqrt((moved**2).sum()))


if __name__ == "__main__":
    main(*sys.argv[1:3])

"""How wrong a model is on families that it has not seen: by family, by group, and its intervals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from pricing_fdm.estimate.inputs import GROUPS, group_of
from pricing_fdm.estimate.intervals import group_widths
from pricing_fdm.estimate.labels import Label
from pricing_fdm.estimate.matrices import Held
from pricing_fdm.model import Complexity, Metrics, Order, PrintQuality, PrintSettings
from pricing_fdm.pricing.job import Job, Plate
from pricing_fdm.pricing.quote import price
from pricing_fdm.shop.catalogue import Shop

Reals = npt.NDArray[np.float64]
Names = npt.NDArray[np.str_]
Flags = npt.NDArray[np.bool_]

FIGURES = ("grams", "hours", "price")
GENERATED = "generated/"


@dataclass(frozen=True, slots=True)
class Judged:
    """Labels beside what a model says that has not seen their families.

    Attributes:
        sliced: By figure, as the slicer says.
        likely: By figure, as predicted.
        inside: By figure, whether the sliced lies in the interval; its widths come from the other
            families, too.
    """

    families: Names
    groups: Names
    sliced: Mapping[str, Reals]
    likely: Mapping[str, Reals]
    inside: Mapping[str, Flags]

    def error(self, figure: str) -> Reals:
        """Predicted over sliced, less one."""
        return self.likely[figure] / self.sliced[figure] - 1


def judge(labels: Sequence[Label], held: Held, shop: Shop) -> Judged:
    """Compares held-out predictions with the slices, in figures and in prices of one copy."""
    families = np.array([label.row.family for label in labels])
    groups = np.array([group_of(label.row.part) for label in labels])
    grams = np.array([label.row.filament_g for label in labels])
    seconds = np.array([label.row.print_time_s for label in labels])
    ends: dict[str, tuple[Reals, Reals, Reals]] = {}
    for figure, sliced, errors in (("grams", grams, held.filament), ("hours", seconds, held.time)):
        low, high = _widths(errors, families, groups)
        likely = sliced / np.exp(errors)
        ends[figure] = likely * np.exp(-low), likely, likely * np.exp(high)
    priced = [
        prices(labels, shop, grams_end, hours_end)
        for grams_end, hours_end in zip(ends["grams"], ends["hours"], strict=True)
    ]
    ends["price"] = priced[0], priced[1], priced[2]
    sliced_all = {"grams": grams, "hours": seconds, "price": prices(labels, shop, grams, seconds)}
    return Judged(
        families,
        groups,
        sliced_all,
        {figure: ends[figure][1] for figure in FIGURES},
        {
            figure: (ends[figure][0] <= sliced_all[figure] * (1 + 1e-9))
            & (sliced_all[figure] <= ends[figure][2] * (1 + 1e-9))
            for figure in FIGURES
        },
    )


def _widths(errors: Reals, families: Names, groups: Names) -> tuple[Reals, Reals]:
    """Of each label, from the errors of the other families."""
    low, high = np.zeros(len(errors)), np.zeros(len(errors))
    for family in np.unique(families):
        others = families != family
        found = group_widths(errors[others], families[others], groups[others])
        for group, widths in found.items():
            rows = (families == family) & (groups == group)
            low[rows], high[rows] = widths.low, widths.high
    return low, high


def prices(
    labels: Sequence[Label], shop: Shop, grams: Reals, seconds: Reals, copies: int = 1
) -> Reals:
    """What copies of each part would cost, each on a plate of its own."""
    return np.array(
        [
            float(price(_job(label, shop, gram, second, copies)).total)
            for label, gram, second in zip(labels, grams.tolist(), seconds.tolist(), strict=True)
        ]
    )


def _job(label: Label, shop: Shop, grams: float, seconds: float, copies: int) -> Job:
    quality = PrintQuality(label.quality, shop.quality(label.quality).layer_thickness)
    settings = PrintSettings(label.material, label.infill_percent, quality, label.supports)
    metrics = Metrics(
        print_time_s=Decimal(f"{seconds:.4f}"),
        filament_mm=Decimal(0),
        filament_g=Decimal(f"{grams:.4f}"),
        volume_cm3=Decimal(0),
        layers=1,
        support_g=Decimal(f"{min(label.row.support_g, grams):.4f}"),
    )
    return Job(
        Order(settings, printer=label.printer, quantity=copies),
        shop,
        label.printer,
        (Plate(1, copies, metrics),),
        metrics,
        Complexity.MEDIUM,
        Decimal(0),
        dt.datetime.now(dt.UTC),
    )


def markdown(judged: Judged) -> str:
    """The tables: by family and by group, in percent of the slice."""
    everything = np.ones(len(judged.families), dtype=np.bool_)
    by_family = [(f"{each}", judged.families == each) for each in np.unique(judged.families)]
    kinds = [row for row in by_family if row[0].startswith(GENERATED)]
    real = [row for row in by_family if not row[0].startswith(GENERATED)]
    made = np.logical_or.reduce([rows for _, rows in kinds]) if kinds else ~everything
    together = [(f"{len(kinds)} kinds that were generated", made)] if kinds else []
    by_group = [(each, judged.groups == each) for each in GROUPS if (judged.groups == each).any()]
    return "\n".join(
        [
            *_table("family, held out", [*real, *together, ("**all**", everything)], judged),
            "",
            *(_folded("The kinds that were generated", kinds, judged) if kinds else ()),
            *_table("group", by_group, judged),
            "",
            *_coverage([*by_group, ("**all**", everything)], judged),
        ]
    )


def _table(head: str, rows: Sequence[tuple[str, Flags]], judged: Judged) -> Iterator[str]:
    titles = " | ".join(f"{figure}: median, p90, worst" for figure in FIGURES)
    yield f"| {head} | labels | {titles} |"
    yield "| --- | ---: " + "| ---: " * len(FIGURES) + "|"
    for name, chosen in rows:
        cells = [_three(np.abs(judged.error(figure)[chosen])) for figure in FIGURES]
        yield f"| {name} | {int(chosen.sum())} | {' | '.join(cells)} |"


def _folded(title: str, rows: Sequence[tuple[str, Flags]], judged: Judged) -> Iterator[str]:
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield from _table("kind, held out", rows, judged)
    yield ""
    yield "</details>"
    yield ""


def _three(errors: Reals) -> str:
    figures = np.quantile(errors, [0.5, 0.9, 1.0]) * 100
    return ", ".join(f"{each:.1f}" for each in figures) + " %"


def _coverage(rows: Sequence[tuple[str, Flags]], judged: Judged) -> Iterator[str]:
    yield "| slices inside the interval of 90 % | " + " | ".join(FIGURES) + " |"
    yield "| --- " + "| ---: " * len(FIGURES) + "|"
    for name, chosen in rows:
        shares = [judged.inside[figure][chosen].mean() * 100 for figure in FIGURES]
        yield f"| {name} | {' | '.join(f'{each:.1f} %' for each in shares)} |"

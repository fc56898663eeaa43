"""Quotes and bare slices of one part, side by side, and how they are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.bare import BareRun
from benchmarks.parts import PartFile
from benchmarks.place import Answer
from benchmarks.section import Table
from benchmarks.spread import Spread, ratios
from pricing_fdm.model import Orientation

QUIET = 0.05
"""Share of the machine that others may use while a bare slice counts as undisturbed."""

_STAGES = ("inspect", "queue", "extract")


@dataclass(frozen=True, slots=True)
class Compared:
    """One part in one orientation, by turns."""

    part: PartFile
    orientation: Orientation
    bare: list[BareRun]
    quotes: list[Answer]

    @property
    def bare_s(self) -> float:
        """Median of the bare slice."""
        return Spread.of(run.wall_s for run in self.bare).median

    @property
    def ratio(self) -> Spread:
        """Of the quote's wall time to the bare slice's beside it."""
        return Spread.of(ratios([q.wall_s for q in self.quotes], [b.wall_s for b in self.bare]))

    @property
    def undisturbed(self) -> list[float]:
        """The same ratios, of those turns whose bare slice had the machine to itself.

        It errs against us: where only the quote was disturbed, its ratio stays.
        """
        return [
            quote.wall_s / run.wall_s
            for run, quote in zip(self.bare, self.quotes, strict=True)
            if run.others <= QUIET
        ]

    @property
    def cpu_share(self) -> Spread:
        """The service's own processor time as a share of the bare slicer's."""
        slicer_s = Spread.of(run.cpu_s for run in self.bare).median
        return Spread.of(answer.cpu_s / slicer_s for answer in self.quotes)

    @property
    def own_share(self) -> float:
        """The quote's wall time by that of its own slice: all that is added, but for the cage.

        Both are of one quote, seconds apart, so others at the machine hardly matter.
        """
        return Spread.of(1000 * q.wall_s / q.timing_ms["slice"] for q in self.quotes).median

    @property
    def others(self) -> float:
        """Share of the machine that others used during the bare slices."""
        return Spread.of(run.others for run in self.bare).median

    @property
    def cores(self) -> float:
        """How many cores the bare slicer kept busy."""
        return Spread.of(run.cpu_s / run.wall_s for run in self.bare).median


def table_of_parts(compared: list[Compared]) -> Table:
    """The ratios."""
    return Table(
        "Quote over HTTP against the bare slicer; median (lowest..highest) of so many turns.",
        ("Part", "orientation", "MB", "turns", "bare slice, s", "its cores", "others' share",
         "quote / bare", "service's CPU / slicer's"),
        [
            (
                each.part.name,
                each.orientation.value,
                f"{each.part.size_mb:.2f}",
                str(len(each.bare)),
                f"{each.bare_s:.2f}",
                f"{each.cores:.2f}",
                f"{each.others:.2f}",
                each.ratio.text(3),
                each.cpu_share.text(3),
            )
            for each in compared
        ],
    )  # fmt: skip


def table_of_stages(
    compared: list[Compared], name: str, balls: dict[Orientation, list[Answer]]
) -> Table:
    """What is added, of the parts and of the balls that have this name."""
    rows = [
        *((name, orientation, quotes) for orientation, quotes in balls.items()),
        *((each.part.name, each.orientation, each.quotes) for each in compared),
    ]
    return Table(
        "What is added, ms on the wall, by stage; `rest` is what HTTP takes besides.",
        ("Part", "orientation", *_STAGES, "together", "rest", "service itself, CPU ms"),
        [
            (
                part,
                orientation.value,
                *(Spread.of(q.timing_ms[stage] for q in quotes).text(0) for stage in _STAGES),
                Spread.of(q.overhead_ms for q in quotes).text(0),
                f"{Spread.of(1000 * q.wall_s - q.timing_ms['total'] for q in quotes).median:.1f}",
                f"{1000 * Spread.of(q.cpu_s for q in quotes).median:.0f}",
            )
            for part, orientation, quotes in rows
        ],
    )


def samples(compared: Compared) -> dict[str, Any]:
    """Every measurement."""
    return {
        "part": compared.part.name,
        "orientation": compared.orientation.value,
        "bare_wall_s": [round(run.wall_s, 4) for run in compared.bare],
        "bare_cpu_s": [round(run.cpu_s, 4) for run in compared.bare],
        "others": [round(run.others, 4) for run in compared.bare],
        "quote_wall_s": [round(answer.wall_s, 4) for answer in compared.quotes],
        "service_cpu_s": [round(answer.cpu_s, 4) for answer in compared.quotes],
        "timing_ms": [answer.timing_ms for answer in compared.quotes],
    }

"""What the service adds to a slice: a quote over HTTP against the bare slicer, in turn.

The slice is the shortest that can be ordered, 0.3 mm layers with 10 % infill: what is added weighs
most there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from benchmarks.bare import BareRun
from benchmarks.parts import PartFile, ball
from benchmarks.place import Answer, Caller, Place
from benchmarks.report import Claim, Section, at_most
from benchmarks.spread import Spread
from pricing_fdm.model import Orientation, PrintSettings
from tests.harness import qualities

NAME = "overhead"
RATIO_AIM, ADDED_MS_AIM = 1.05, 60.0
QUIET = 0.05
"""Share of the machine that others may use while a turn counts as undisturbed."""

_SETTINGS = PrintSettings("pla", 10, qualities.ECONOMY)
_ORDER = {"infill": 10, "layer_thickness": 300}
_LEAST_S = 1.0  # a shorter slice is not counted: it ends before it has begun to cost
_SECONDS_FOR_A_PART = 30.0
_LEAST_TURNS, _MOST_TURNS = 2, 4
_KEPT_IF_BELOW_S = 4.0
_BALL_MB, _BALL_TURNS = 5.0, 7
_SAME, _SAME_TIME, _SAME_TIME_S = 1e-3, 1e-2, 3.0

_HOW = f"""\
The good STL files, each as a quote over HTTP (`CACHE_TTL_SECS=0`, `SLICE_CONCURRENCY=1`, the
default sandbox) and as the bare slicer, one right after the other and each first in every second
turn. The bare command is the service's own: the same clean STL, configuration, arguments and
environment, but as anybody would start it: on all cores, no sandbox, no limits, and nobody who
reads what it prints. Both must come to the same grams within 0.1 % and to the same seconds within
1 % or 3 s, else the run ends. The quote's wall time is the caller's: it holds HTTP, download,
inspection, slice, reading of the G-code and the answer. Parts count whose slice takes a second, and
turns in which others used at most {QUIET:.0%} of the machine during the bare slice; the table has
all of them."""


@dataclass
class Compared:
    """One part in one orientation, by turns."""

    part: PartFile
    orientation: Orientation
    bare: list[BareRun] = field(default_factory=list)
    quotes: list[Answer] = field(default_factory=list)

    @property
    def bare_s(self) -> float:
        """Median of the bare slice."""
        return Spread.of(run.wall_s for run in self.bare).median

    def ratios(self, others_at_most: float = math.inf) -> list[float]:
        """Of the quote's wall time to the bare slice's beside it, in turns that were so quiet."""
        pairs = zip(self.quotes, self.bare, strict=True)
        return [q.wall_s / run.wall_s for q, run in pairs if run.others <= others_at_most]

    @property
    def own_share(self) -> float:
        """The quote's wall time by that of its own slice: both are of one moment."""
        return Spread.of(1000 * q.wall_s / q.timing_ms["slice"] for q in self.quotes).median

    @property
    def cpu_share(self) -> Spread:
        """The service's own processor time as a share of the bare slicer's."""
        slicer_s = Spread.of(run.cpu_s for run in self.bare).median
        return Spread.of(answer.cpu_s / slicer_s for answer in self.quotes)

    def row(self) -> tuple[str, ...]:
        """Of the table."""
        return (
            self.part.name,
            self.orientation.value,
            f"{self.part.size_mb:.2f}",
            str(len(self.bare)),
            f"{self.bare_s:.2f}",
            Spread.of(run.others for run in self.bare).text(),
            Spread.of(self.ratios()).text(3),
            f"{self.own_share:.3f}",
            self.cpu_share.text(3),
        )

    def samples(self) -> dict[str, Any]:
        """Every measurement."""
        return {
            "part": self.part.name,
            "orientation": self.orientation.value,
            "bare": [[run.wall_s, run.cpu_s, run.others] for run in self.bare],
            "quotes": [[answer.wall_s, answer.cpu_s, answer.timing_ms] for answer in self.quotes],
        }


def measure(place: Place) -> Section:
    """Compares all parts; several minutes."""
    with place.service(CACHE_TTL_SECS="0", SLICE_CONCURRENCY="1") as caller:
        turned = [_compare(place, caller, part, Orientation.AUTO) for part in place.parts]
        short = [each.part for each in turned if each.bare_s < _KEPT_IF_BELOW_S]
        kept = [_compare(place, caller, part, Orientation.KEEP) for part in short]
        claims = _claims([each for each in (*turned, *kept) if each.bare_s >= _LEAST_S])
        url = place.serve(ball(_BALL_MB))
        for orientation in (Orientation.KEEP, Orientation.AUTO):
            answers = [
                caller.quote(url, orientation=orientation, **_ORDER) for _ in range(_BALL_TURNS)
            ]
            what = f"All but download and slice, {_BALL_MB:g} MB, orientation `{orientation}`, wall"
            added = Spread.of(answer.added_ms for answer in answers)
            claims.append(at_most(what, added, ADDED_MS_AIM, " ms", 0))
    compared = [*turned, *kept]
    header = (
        *("Part", "orientation", "MB", "turns", "bare slice, s", "others' share"),
        *("quote / bare", "quote / its slice", "service's CPU / slicer's"),
    )
    return Section(
        name=NAME,
        title="What a quote costs beyond its slice",
        how=_HOW,
        claims=claims,
        table=[header, *(each.row() for each in compared)],
        samples={"parts": [each.samples() for each in compared]},
    )


def _claims(long: list[Compared]) -> list[Claim]:
    claims = []
    for orientation in (Orientation.AUTO, Orientation.KEEP):
        of_it = [each for each in long if each.orientation is orientation]
        quiet = [ratios for each in of_it if (ratios := each.ratios(QUIET))]
        what = f"orientation `{orientation}`, {len(of_it)} parts"
        name = f"Quote over HTTP / bare slice, {what}, {len(quiet)} with undisturbed turns"
        if quiet:
            ratio = Spread.of(Spread.of(ratios).median for ratios in quiet)
            claims.append(at_most(name, ratio, RATIO_AIM, digits=3))
        elif of_it:
            claims.append(Claim(name, "none", f"<= {RATIO_AIM:g}", met=False))
        if of_it:
            own = Spread.of(each.own_share for each in of_it)
            share = Spread.of(each.cpu_share.median for each in of_it)
            claims.append(
                at_most(f"A quote / its own stage `slice`, {what}", own, RATIO_AIM, "", 3)
            )
            claims.append(
                Claim(f"The service's own CPU / the bare slicer's, {what}", share.text(3))
            )
    return claims


def _compare(place: Place, caller: Caller, part: PartFile, orientation: Orientation) -> Compared:
    bare = place.overhearer.overhear(part.content, orientation, _SETTINGS)
    url, compared = place.serve(part), Compared(part, orientation)

    def slice_() -> None:
        compared.bare.append(bare.run())

    def quote() -> None:
        compared.quotes.append(caller.quote(url, orientation=orientation, **_ORDER))

    slice_()
    quote()
    _require_the_same(compared)
    fitting = int(_SECONDS_FOR_A_PART / (2 * compared.bare[0].wall_s))
    for turn in range(1, max(_LEAST_TURNS, min(_MOST_TURNS, fitting))):
        for work in (quote, slice_) if turn % 2 else (slice_, quote):
            work()
    return compared


def _require_the_same(compared: Compared) -> None:
    metrics, body = compared.bare[0].metrics, compared.quotes[0].body
    seconds = (body["print_time_hours"] * 3600, float(metrics.print_time_s))
    grams = (body["filament_weight_g"], float(metrics.filament_g))
    same_grams = math.isclose(*grams, rel_tol=_SAME, abs_tol=_SAME)
    same_time = math.isclose(*seconds, rel_tol=_SAME_TIME, abs_tol=_SAME_TIME_S)
    if not (same_grams and same_time):
        raise RuntimeError(f"{compared.part.name}: not the same slice: {grams}, {seconds}")

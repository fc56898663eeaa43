"""What the service adds to a slice: a quote over HTTP against the bare slicer, in turn.

The slice is the shortest that can be ordered, 0.3 mm layers with 10 % infill: what is added weighs
most there.
"""

from __future__ import annotations

import math

from benchmarks.bare import BareSlice
from benchmarks.compared import QUIET, Compared, samples, table_of_parts, table_of_stages
from benchmarks.parts import PartFile, ball
from benchmarks.place import NO_CACHE, ONE_SLOT, Answer, Caller, Place
from benchmarks.section import Claim, Section, at_most
from benchmarks.spread import Spread
from pricing_fdm.model import LayerThickness, Material, Orientation, PrintSettings
from tests.harness.shapes import binary_stl, box

NAME = "overhead"
RATIO_AIM = 1.05
ADDED_MS_AIM = 60.0

_SETTINGS = PrintSettings(Material.PLA, 10, LayerThickness.ECONOMY)
_ORDER = {"infill": 10, "layer_thickness": 300}
_LEAST_S = 1.0
"""A slice that is shorter is not counted: it ends before it has begun to cost."""

_SECONDS_FOR_A_PART = 30.0
_LEAST_TURNS, _MOST_TURNS = 2, 4
_KEPT_IF_BELOW_S = 4.0
_BALL_MB = 5.0
_BALL_TURNS = 7
_SAME, _SAME_TIME = 1e-3, 1e-2

_HOW = f"""\
The STL files among the good parts, each as a quote over HTTP (`CACHE_TTL_SECS=0`,
`SLICE_CONCURRENCY=1`, the default sandbox) and as the bare slicer, one right after the other and
each first in every second turn. The bare command is the service's own, overheard from its engine:
the same clean STL, configuration, arguments and environment, but as anybody would start it: on all
cores, no sandbox, no limits, and nobody who reads what it prints. Both must come to the same grams
within 0.1 % and to the same seconds within 1 % (PrusaSlicer's figures move a little on more than
one core), else the run ends. The quote's wall time is the caller's, so it holds HTTP, the download
from an origin on the same machine, inspection, slice, reading of the G-code and the answer. A ratio
is of neighbours in time. "Its cores" is the processor time of the bare slicer by its wall time;
"others' share" is what other programs used of the machine meanwhile. Where that is large, the row
is worth little; the aims count only turns in which it was {QUIET:g} or less."""

_OWN = "A quote's wall time"
_FLOOR_RATIO = (
    "It holds how much the machine's speed differs between two slices, too. A quote's wall time by "
    "that of its own slice does not, and lacks only what stands around the slicer, below."
)
_FLOOR_MS = "The table of steps tells what each costs; every one looks at all triangles."
_FLOOR_QUIET = "The machine was busy; its wall times are not to be relied on. Measure again."


def measure(place: Place) -> Section:
    """Compares all parts; several minutes."""
    with place.service(**NO_CACHE, **ONE_SLOT) as caller:
        turned = [_compare(caller, part, Orientation.AUTO) for part in place.parts]
        short = [each.part for each in turned if each.bare_s < _KEPT_IF_BELOW_S]
        kept = [_compare(caller, part, Orientation.KEEP) for part in short]
        balls = {
            each: _asked(caller, ball(_BALL_MB), each)
            for each in (Orientation.KEEP, Orientation.AUTO)
        }
        around = _around_the_slicer(caller)
    compared = [*turned, *kept]
    return Section(
        name=NAME,
        title="What a quote costs beyond its slice",
        how=_HOW,
        claims=[_quiet(compared), *_claims(compared, balls), around],
        tables=[
            table_of_parts(compared),
            table_of_stages(compared, f"ball of {_BALL_MB:g} MB", balls),
        ],
        samples={
            "parts": [samples(each) for each in compared],
            "ball": {name.value: [q.timing_ms for q in quotes] for name, quotes in balls.items()},
        },
    )


def _quiet(compared: list[Compared]) -> Claim:
    counted = [each for each in compared if each.bare_s >= _LEAST_S]
    share = Spread.of(each.others for each in counted or compared)
    return at_most(
        "Share of the machine that others used during the bare slices",
        share.median,
        QUIET,
        figure=share.text(),
        floor=_FLOOR_QUIET,
    )


def _compare(caller: Caller, part: PartFile, orientation: Orientation) -> Compared:
    bare = caller.place.overhearer.overhear(part.content, orientation, _SETTINGS)
    url = caller.place.serve(part)
    compared = Compared(part, orientation, [], [])

    def slice_() -> None:
        compared.bare.append(bare.run())

    def quote() -> None:
        answer = caller.quote(url, part.name, orientation=orientation, **_ORDER)
        compared.quotes.append(answer)

    slice_()
    quote()
    _require_the_same(compared)
    for turn in range(1, _turns(2 * compared.bare[0].wall_s)):
        for work in (quote, slice_) if turn % 2 else (slice_, quote):
            work()
    return compared


def _turns(pair_s: float) -> int:
    """As many as there is time for; each side is first in at least one."""
    return max(_LEAST_TURNS, min(_MOST_TURNS, int(_SECONDS_FOR_A_PART / pair_s)))


def _require_the_same(compared: Compared) -> None:
    metrics, body = compared.bare[0].metrics, compared.quotes[0].body
    seconds = (body["print_time_hours"] * 3600, float(metrics.print_time_s))
    grams = (body["filament_weight_g"], float(metrics.filament_g))
    same = math.isclose(*grams, rel_tol=_SAME, abs_tol=_SAME) and math.isclose(
        *seconds, rel_tol=_SAME_TIME
    )
    if not same:
        raise RuntimeError(f"{compared.part.name}: not the same slice: {grams}, {seconds}")


def _asked(caller: Caller, part: PartFile, orientation: Orientation) -> list[Answer]:
    url = caller.place.serve(part)
    return [
        caller.quote(url, part.name, orientation=orientation, **_ORDER) for _ in range(_BALL_TURNS)
    ]


def _around_the_slicer(caller: Caller) -> Claim:
    """What starting it caged, limited and listened to adds, at a slice too short to hide it."""
    part = PartFile("low box", binary_stl(box(10, 10, 2)))
    bare: BareSlice = caller.place.overhearer.overhear(part.content, Orientation.KEEP, _SETTINGS)
    url = caller.place.serve(part)
    added_ms: list[float] = []
    for _ in range(_BALL_TURNS):
        stage_ms = caller.quote(url, part.name, orientation="keep", **_ORDER).timing_ms["slice"]
        added_ms.append(stage_ms - 1000 * bare.run().wall_s)
    return Claim(
        "Stage `slice` beyond the bare slicer (cage, limits, start, end), wall",
        f"{Spread.of(added_ms).text(0)} ms",
    )


def _claims(compared: list[Compared], balls: dict[Orientation, list[Answer]]) -> list[Claim]:
    claims: list[Claim] = []
    for orientation in (Orientation.AUTO, Orientation.KEEP):
        long = [
            each for each in compared if each.orientation is orientation and each.bare_s >= _LEAST_S
        ]
        claims += _claims_of_ratios(orientation, long) if long else []
    for orientation, quotes in balls.items():
        added = Spread.of(answer.overhead_ms for answer in quotes)
        claims.append(
            at_most(
                f"All but download and slice, {_BALL_MB:g} MB STL, orientation `{orientation}`, "
                f"{added.count} quotes, wall",
                added.median,
                ADDED_MS_AIM,
                figure=f"{added.text(0)} ms",
                unit=" ms",
                floor=_FLOOR_MS,
            )
        )
    return claims


def _claims_of_ratios(orientation: Orientation, long: list[Compared]) -> list[Claim]:
    what = f"Quote over HTTP / bare slice, orientation `{orientation}`, undisturbed turns"
    counted = [Spread.of(each.undisturbed).median for each in long if each.undisturbed]
    share = Spread.of(each.cpu_share.median for each in long)
    if counted:
        ratio = Spread.of(counted)
        claim = at_most(
            f"{what} of {ratio.count} parts of {len(long)} that take a second or more",
            ratio.median,
            RATIO_AIM,
            figure=ratio.text(3),
            floor=_FLOOR_RATIO,
        )
    else:
        claim = Claim(what, "there was none", f"<= {RATIO_AIM:g}", met=False, floor=_FLOOR_QUIET)
    own = Spread.of(each.own_share for each in long)
    return [
        claim,
        at_most(
            f"{_OWN} / its own stage `slice`, orientation `{orientation}`, all {own.count} parts",
            own.median,
            RATIO_AIM,
            figure=own.text(3),
            floor=_FLOOR_RATIO,
        ),
        Claim(
            f"The service's own CPU time / the bare slicer's, orientation `{orientation}`, "
            f"all {len(long)} parts",
            share.text(3),
        ),
    ]

"""What the service holds in memory: idle, and after thousands of quotes."""

from __future__ import annotations

import time

from benchmarks.parts import ball
from benchmarks.place import Caller, Place
from benchmarks.report import Claim, Section, at_most
from benchmarks.spread import Spread
from benchmarks.usage import Resident, resident
from tests.harness.shapes import binary_stl, box

NAME = "memory"
IDLE_MIB_AIM = 90.0
# What the interpreter's own arenas may still take; 2 kB a quote would be 4 MiB.
GROWTH_MIB_AIM = 8.0

_SETTLING_S = 2.0
_SLICED, _CACHED = 300, 2000
_ROWS = 5
_WARM_UP = 30
_ORDER = {"infill": 10, "layer_thickness": 300, "orientation": "keep"}

_HOW = f"""\
One service with its default settings, read from the kernel's `smaps_rollup`: RSS counts all pages
of the process, PSS divides those that it shares with others. First {_SLICED} parts that it has
never seen, really downloaded, inspected, sliced and cached: boxes of different sizes, since their
slices are short. Then {_CACHED:,} repeats of a part of 1 MB. Growth is counted from a row after
{_WARM_UP} quotes of the same kind. The slicer is another process and not in it."""

Row = tuple[str, int, Resident]


def measure(place: Place) -> Section:
    """Measures one service through all its states."""
    with place.service() as caller:
        time.sleep(_SETTLING_S)
        idle = resident(caller.pid)
        boxes = [_box(place, number) for number in range(_WARM_UP + _SLICED)]
        sliced = _watched(caller, "sliced", boxes)
        cached = _watched(caller, "cached", [place.serve(ball(1))] * (_WARM_UP + _CACHED))
    rows: list[Row] = [("idle, after the self-test", 0, idle), *sliced, *cached]
    return Section(
        name=NAME,
        title="Memory",
        how=_HOW,
        claims=[
            at_most("Idle, RSS", Spread.of([idle.rss_mib]), IDLE_MIB_AIM, " MiB", 1),
            Claim("Idle, PSS", f"{idle.pss_mib:.1f} MiB"),
            _growth(f"Growth of RSS over {_SLICED} sliced quotes", sliced),
            _growth(f"Growth of RSS over {_CACHED:,} cached quotes", cached),
        ],
        table=[
            ("Quotes", "how many", "RSS, MiB", "PSS, MiB"),
            *((kind, f"{n:,}", f"{m.rss_mib:.1f}", f"{m.pss_mib:.1f}") for kind, n, m in rows),
        ],
        samples={"rows": [[kind, n, m.rss_mib, m.pss_mib] for kind, n, m in rows]},
    )


def _watched(caller: Caller, kind: str, urls: list[str]) -> list[Row]:
    """Asks for all of them, and looks after the warm-up and at each share of the rest."""
    rows = []
    share = (len(urls) - _WARM_UP) // _ROWS
    for number, url in enumerate(urls, start=1 - _WARM_UP):
        caller.quote(url, **_ORDER)
        if number >= 0 and number % share == 0:
            rows.append((kind, number, resident(caller.pid)))
    return rows


def _box(place: Place, number: int) -> str:
    """A part that nobody has asked for, and whose slice is short."""
    size_mm = 5 + number * 0.01
    return place.origin.serve(f"box-{number}.stl", binary_stl(box(size_mm, size_mm, 1.5)))


def _growth(what: str, rows: list[Row]) -> Claim:
    grown_mib = rows[-1][2].rss_mib - rows[0][2].rss_mib
    return at_most(what, Spread.of([grown_mib]), GROWTH_MIB_AIM, " MiB", 1)

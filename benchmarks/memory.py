"""What the service holds in memory: idle, and after thousands of quotes."""

from __future__ import annotations

import time
from dataclasses import dataclass

from benchmarks.parts import ball
from benchmarks.place import Caller, Place
from benchmarks.section import Claim, Section, Table, at_most
from benchmarks.usage import Resident, resident
from tests.harness.shapes import binary_stl, box

NAME = "memory"
IDLE_MIB_AIM = 90.0
# What the interpreter's own arenas may still take; 2 kB a quote would be 4 MiB.
GROWTH_MIB_AIM = 8.0

_SETTLING_S = 2.0
_CACHED = 2000
_SLICED = 300
_ROWS = 5
_WARM_UP = 30
_ORDER = {"infill": 10, "layer_thickness": 300}

_HOW = f"""\
One service with its default settings, so with its memory of quotes, read from the kernel's
`smaps_rollup`: RSS counts all pages of the process, PSS divides those that it shares with others.
First {_SLICED} parts that it has never seen, each really downloaded, inspected, sliced by the real
slicer and remembered: boxes of different sizes, since their slices are short. Then {_CACHED:,}
repeats of a part of 1 MB. Growth is counted from a row after {_WARM_UP} quotes of the same kind.
What the slicer takes is not in it; it is another process."""


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    quotes: int
    memory: Resident


def measure(place: Place) -> Section:
    """Measures one service through all its states."""
    with place.service() as caller:
        time.sleep(_SETTLING_S)
        idle = _Row("idle, after the self-test", 0, resident(caller.pid))
        sliced = _watched(caller, "sliced", [_box(caller, n) for n in range(_WARM_UP + _SLICED)])
        repeated = place.serve(ball(1))
        cached = _watched(caller, "cached", [repeated] * (_WARM_UP + _CACHED))
        counts = {s.labels["result"]: int(s.value) for s in caller.samples("pricing_fdm_cache")}
    rows = [idle, *sliced, *cached]
    return Section(
        name=NAME,
        title="Memory",
        how=_HOW,
        claims=[
            at_most(
                "Idle, RSS",
                idle.memory.rss_mib,
                IDLE_MIB_AIM,
                figure=f"{idle.memory.rss_mib:.1f} MiB",
                unit=" MiB",
                floor="Python with numpy, pydantic and OpenSSL is most of it.",
            ),
            Claim("Idle, PSS", f"{idle.memory.pss_mib:.1f} MiB"),
            _growth(f"RSS over {_SLICED} sliced quotes", sliced),
            _growth(f"RSS over {_CACHED:,} cached quotes", cached),
            Claim(
                "Quotes of this run that came from memory, and that did not",
                f"{counts['hit']:,}, {counts['miss']:,}",
            ),
        ],
        tables=[_table(rows)],
        samples={"rows": [[r.kind, r.quotes, r.memory.rss_mib, r.memory.pss_mib] for r in rows]},
    )


def _watched(caller: Caller, kind: str, urls: list[str]) -> list[_Row]:
    """Asks for all of them, and looks after the warm-up and at each share of the rest."""
    rows = []
    share = (len(urls) - _WARM_UP) // _ROWS
    for number, url in enumerate(urls, start=1):
        caller.quote(url, orientation="keep", **_ORDER)
        if number >= _WARM_UP and (number - _WARM_UP) % share == 0:
            rows.append(_Row(kind, number - _WARM_UP, resident(caller.pid)))
    return rows


def _box(caller: Caller, number: int) -> str:
    """A part that nobody has asked for, and whose slice is short."""
    size_mm = 5 + number * 0.01
    content = binary_stl(box(size_mm, size_mm, 1.5))
    return caller.place.origin.serve(f"box-{number}.stl", content)


def _growth(what: str, rows: list[_Row]) -> Claim:
    grown_mib = rows[-1].memory.rss_mib - rows[0].memory.rss_mib
    return at_most(
        f"Growth of {what}", grown_mib, GROWTH_MIB_AIM, figure=f"{grown_mib:+.1f} MiB", unit=" MiB"
    )


def _table(rows: list[_Row]) -> Table:
    return Table(
        "The service at rest after so many quotes.",
        ("Quotes", "how many", "RSS, MiB", "PSS, MiB"),
        [
            (row.kind, f"{row.quotes:,}", f"{row.memory.rss_mib:.1f}", f"{row.memory.pss_mib:.1f}")
            for row in rows
        ],
    )

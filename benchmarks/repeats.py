"""What a repeat costs: a hit of the result cache, and equal questions at the same time."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.download import download_cpu_s
from benchmarks.parts import ball
from benchmarks.place import Caller, Place
from benchmarks.report import Claim, Section, at_most
from benchmarks.spread import Spread, in_turn
from benchmarks.usage import own_cpu_s
from tests.harness.puppet import install_fake_prusa, read_records

NAME = "repeats"
HIT_MS_AIM = 5.0

_SIZES_MB = (0.02, 1.0, 5.0)
_HITS, _TURNS = 40, 5
_AT_ONCE = 8
_SLICE_S = 1.5
_ORDER = {"infill": 10, "layer_thickness": 300}

_HOW = """\
A hit: the same part is asked for again. The service's processor time, from the kernel's clock of
that process, for so many hits in a row; beside it, in turn, that of the same downloads by the same
code in a process of its own. Their difference is what a hit costs beyond the download: HTTP,
parsing, lookup, pricing, the answer, the log. At once: eight callers ask for the same new part; a
puppet in the slicer's place sleeps and writes down each of its runs, so the slices are counted by
the slicer itself."""


def measure(place: Place) -> Section:
    """Measures both."""
    rows: dict[str, tuple[list[float], list[float]]] = {}
    with place.service() as caller:
        for size_mb in _SIZES_MB:
            part = ball(size_mb)
            rows[part.name] = _hits(place, caller, place.serve(part))
        health_ms = Spread.of(_health_ms(caller) for _ in range(_TURNS))
    beyond = {
        name: Spread.of(hit - load for hit, load in zip(hits, loads, strict=True))
        for name, (hits, loads) in rows.items()
    }
    return Section(
        name=NAME,
        title="What a repeat costs",
        how=_HOW,
        claims=[
            *(
                at_most(f"CPU of a hit beyond the download, {name}", spread, HIT_MS_AIM, " ms")
                for name, spread in beyond.items()
            ),
            Claim("CPU of `GET /health`, which does nothing", f"{health_ms.text()} ms"),
            at_most(f"Slices for {_AT_ONCE} equal questions at once", _slices(place), 1, digits=0),
        ],
        table=[
            ("CPU ms", "a hit", "its download alone", "beyond"),
            *(
                (name, Spread.of(hits).text(), Spread.of(loads).text(), beyond[name].text())
                for name, (hits, loads) in rows.items()
            ),
        ],
        samples=dict(rows),
    )


def _hits(place: Place, caller: Caller, url: str) -> tuple[list[float], list[float]]:
    """Milliseconds of a hit and of a download, by turns."""
    caller.quote(url, **_ORDER)

    def hits_ms() -> float:
        before_s = own_cpu_s(caller.pid)
        for _ in range(_HITS):
            if not caller.quote(url, **_ORDER).body["cached"]:
                raise RuntimeError("a repeat was sliced again")
        return 1000 * (own_cpu_s(caller.pid) - before_s) / _HITS

    environment = {**place.origin.environment, "PATH": os.environ["PATH"]}
    hit_ms, load_ms = in_turn(
        _TURNS, hits_ms, lambda: 1000 * download_cpu_s(url, _HITS, environment)
    )
    return hit_ms, load_ms


def _health_ms(caller: Caller) -> float:
    """Over the same connection, as a hit is asked for."""
    before_s = own_cpu_s(caller.pid)
    for _ in range(_HITS):
        caller.client.get(f"{caller.service.base_url}/health").raise_for_status()
    return 1000 * (own_cpu_s(caller.pid) - before_s) / _HITS


def _slices(place: Place) -> Spread:
    """How many were made, as the slicer counts them."""
    url = place.serve(ball(_SIZES_MB[0], radius_mm=9))
    with tempfile.TemporaryDirectory(prefix="bench-puppet-") as folder:
        runs = Path(folder) / "runs"
        binary = install_fake_prusa(Path(folder) / "bin", sleep_s=_SLICE_S, record_to=runs)
        with place.service(PRUSA_BINARY=str(binary)) as caller:
            before = len(read_records(runs))
            with ThreadPoolExecutor(_AT_ONCE) as callers:
                answers = list(callers.map(lambda _: caller.quote(url), range(_AT_ONCE)))
            if len({answer.body["total_usd"] for answer in answers}) != 1:
                raise RuntimeError("equal questions, different prices")
            return Spread.of([len(read_records(runs)) - before])

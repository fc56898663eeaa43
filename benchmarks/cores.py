"""What the service makes of the machine, against `xargs -P` with the bare slicer."""

from __future__ import annotations

import itertools
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.bare import BareSlice
from benchmarks.parts import PartFile
from benchmarks.place import Caller, Place
from benchmarks.report import Section, at_least, at_most
from benchmarks.spread import Spread, in_turn, ratios
from pricing_fdm.model import Orientation
from pricing_fdm.slicers.cores import usable_cores

NAME = "cores"
THROUGHPUT_AIM, LATENCY_AIM = 0.95, 1.05

# A second to two each: what the service adds would be lost in more, and noise rules in less.
_PARTS = ("dactyl-wrist-rest", "openflexure-gears-ascii", "overhang-test-double")
_TURNS = 2
_WAVES = 3
_HEADER_BYTES = 80  # of a binary STL
_SAME_M = 0.01  # of filament; the quote rounds
_IN_ITS_FOLDER = 'cd "$1" && shift && exec setsid "$@"'

_HOW = """\
Throughput: a full queue, a slot for each core. Both sides slice the same part as often, as many at
once as there are cores; the service over HTTP, with download, inspection and reading of the
result. Latency: one caller alone against one bare slice, which runs as anybody would start it, on
all cores."""


@dataclass(frozen=True, slots=True)
class _Measured:
    """One part on both sides, in seconds, by turns."""

    part: str
    queue_s: list[float]
    xargs_s: list[float]
    alone_s: list[float]
    bare_s: list[float]

    @property
    def throughput(self) -> list[float]:
        """The service's, as a multiple of what xargs reaches."""
        return ratios(self.xargs_s, self.queue_s)

    @property
    def latency(self) -> list[float]:
        """Of one caller alone, as a multiple of the bare slicer's."""
        return ratios(self.alone_s, self.bare_s)


def measure(place: Place) -> Section:
    """Compares both for each part."""
    slots = len(usable_cores())
    jobs = _WAVES * slots
    queue = {"QUEUE_PLACES": str(jobs), "QUEUE_WAIT_SECS": "3600"}
    with (
        place.service(SLICE_CONCURRENCY="1") as alone,
        place.service(SLICE_CONCURRENCY=str(slots), **queue) as full,
    ):
        parts = [part for part in place.parts if part.name in _PARTS] or place.parts[:1]
        measured = [_measured(place, part, alone, full, slots) for part in parts]
    throughput = Spread.of(ratio for each in measured for ratio in each.throughput)
    latency = Spread.of(ratio for each in measured for ratio in each.latency)
    what = "Throughput with a full queue / `xargs -P` with the bare slicer"
    return Section(
        name=NAME,
        title="What is made of the cores",
        how=_HOW,
        claims=[
            at_least(what, throughput, THROUGHPUT_AIM, 3),
            at_most("One caller alone / bare slicer", latency, LATENCY_AIM, digits=3),
        ],
        table=[
            ("Part", "slices in the queue", "throughput / `xargs -P`", "alone / bare slicer"),
            *(
                (m.part, str(jobs), Spread.of(m.throughput).text(3), Spread.of(m.latency).text(3))
                for m in measured
            ),
        ],
        samples={"parts": [asdict(each) for each in measured]},
    )


def _measured(place: Place, part: PartFile, alone: Caller, full: Caller, slots: int) -> _Measured:
    jobs = _WAVES * slots
    bare = place.overhearer.overhear(part.content, Orientation.AUTO)
    urls = (
        place.origin.serve(f"{part.name}-{number}.stl", _copy(part.content, number))
        for number in itertools.count(1)
    )
    alone_s, bare_s = in_turn(
        _TURNS, lambda: _quoted_s(alone, [next(urls)], bare), lambda: bare.run().wall_s
    )
    queue_s, xargs_s = in_turn(
        _TURNS,
        lambda: _quoted_s(full, list(itertools.islice(urls, jobs)), bare),
        lambda: _sliced_s(bare, jobs, slots),
    )
    return _Measured(part.name, queue_s, xargs_s, alone_s, bare_s)


def _copy(stl: bytes, number: int) -> bytes:
    """The same part in other bytes, since the service makes equal slices once."""
    is_binary = len(stl) == _HEADER_BYTES + 4 + 50 * int.from_bytes(stl[80:84], "little")
    if is_binary:
        return f"{number:<{_HEADER_BYTES}}".encode() + stl[_HEADER_BYTES:]
    return stl + b"\n" * number


def _quoted_s(caller: Caller, urls: Sequence[str], bare: BareSlice) -> float:
    """Wall time of quotes that are all asked for at once."""
    began_s = time.perf_counter()
    with ThreadPoolExecutor(len(urls)) as callers:
        answers = list(callers.map(caller.quote, urls))
    wall_s = time.perf_counter() - began_s
    for answer in answers:
        length_m = answer.body["print"]["filament_length_m"]
        if abs(length_m - float(bare.metrics.filament_mm) / 1000) > _SAME_M:
            raise RuntimeError(f"not the same slice: {answer.body}")
    return wall_s


def _sliced_s(bare: BareSlice, jobs: int, at_once: int) -> float:
    """Lets xargs do it, which starts the next slice as soon as one ends."""
    with tempfile.TemporaryDirectory(prefix="bench-xargs-") as name:
        folders = [Path(name) / str(number) for number in range(jobs)]
        for folder in folders:
            folder.mkdir()
            for file, content in bare.inputs.items():
                (folder / file).write_bytes(content)
        began_s = time.perf_counter()
        subprocess.run(
            ["xargs", "--max-procs", str(at_once), "-I{}",
             "sh", "-c", _IN_ITS_FOLDER, "sh", "{}", *bare.argv],
            input="\n".join(map(str, folders)),
            env={**bare.env, "PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            text=True,
            check=True,
        )  # fmt: skip
        return time.perf_counter() - began_s

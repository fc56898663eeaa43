"""Cores: what the service makes of the machine, against `xargs -P` with the bare slicer.

Throughput: a full queue, a slot for each core. Both sides slice the same part as often, as many at
once as there are cores; the service over HTTP, with download, inspection and reading of the result.
Latency: one caller alone against one bare slice. The bare slicer runs as anybody would start it, on
all cores. Both are measured in turns, and the ratios are of neighbours, because the machine may
have other things to do.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bare import BareSlice, Overhearer
from benchmarks.parts import PartFile, real_parts
from benchmarks.spread import Spread, in_turn, ratios
from pricing_fdm.model import Orientation
from pricing_fdm.slicers.cores import usable_cores
from tests.harness.origin import Origin, running_origin
from tests.harness.service import RunningService, order, running_service

THROUGHPUT_AIM = 0.95
LATENCY_AIM = 1.05

# A second to two each: what the service adds would be lost in more, and noise rules in less.
_PARTS = ("dactyl-wrist-rest", "openflexure-gears-ascii", "overhang-test-double")
_WAVES = 3
_OK = 200
_HEADER_BYTES = 80  # of a binary STL
_SAME_M = 0.01  # of filament; the quote rounds
_IN_ITS_FOLDER = 'cd "$1" && shift && exec setsid "$@"'


@dataclass(frozen=True, slots=True)
class Measured:
    """All measurements of one part, in seconds, by turns.

    Attributes:
        jobs: How many slices a full queue had.
    """

    part: str
    jobs: int
    queue_service_s: Sequence[float]
    queue_xargs_s: Sequence[float]
    queue_service_cpu_s: Sequence[float]
    queue_xargs_cpu_s: Sequence[float]
    alone_service_s: Sequence[float]
    alone_bare_s: Sequence[float]

    @property
    def throughput(self) -> list[float]:
        """Of the service as a share of what xargs reaches."""
        return ratios(self.queue_xargs_s, self.queue_service_s)

    @property
    def work(self) -> list[float]:
        """Processor time of xargs as a share of the service's: what throughput comes to at most.

        On a machine that others use it tells more than the clock on the wall.
        """
        return ratios(self.queue_xargs_cpu_s, self.queue_service_cpu_s)

    @property
    def latency(self) -> list[float]:
        """Of the service as a multiple of the bare slice."""
        return ratios(self.alone_service_s, self.alone_bare_s)


def measure(turns: int) -> list[Measured]:
    """Measures every part; a minute or two a turn on a machine that does nothing else."""
    overhearer, slots = Overhearer(), len(usable_cores())
    parts = [part for part in real_parts() if part.name in _PARTS] or real_parts()
    with running_origin() as origin, _service(origin, slots) as service:
        return [
            _measured(part, overhearer.overhear(part.content, Orientation.AUTO), service, origin,
                      slots=slots, turns=turns)
            for part in parts
        ]  # fmt: skip


def summary(measured: Sequence[Measured]) -> dict[str, Any]:
    """Ratios over all parts and turns with their spread, and every measurement."""
    throughput = Spread.of(ratio for part in measured for ratio in part.throughput)
    latency = Spread.of(ratio for part in measured for ratio in part.latency)
    return {
        "cores": len(usable_cores()),
        "work": dataclasses.asdict(Spread.of(ratio for part in measured for ratio in part.work)),
        "throughput": {**dataclasses.asdict(throughput), "aim": f">= {THROUGHPUT_AIM}"},
        "latency": {**dataclasses.asdict(latency), "aim": f"<= {LATENCY_AIM}"},
        "parts": [dataclasses.asdict(part) for part in measured],
    }


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print all samples")
    options = parser.parse_args()
    measured = measure(options.turns)
    if options.json:
        print(json.dumps(summary(measured), indent=2))
        return 0
    for part in measured:
        throughput, latency = Spread.of(part.throughput), Spread.of(part.latency)
        print(f"{part.part}: throughput {throughput.text()}, latency {latency.text()}")
    return 0


@contextmanager
def _service(origin: Origin, slots: int) -> Iterator[RunningService]:
    environment = {
        **origin.environment,
        "SLICE_CONCURRENCY": str(slots),
        "QUEUE_PLACES": str(_WAVES * slots),
        "QUEUE_WAIT_SECS": "3600",
    }
    with running_service(environment) as service:
        yield service


def _measured(
    part: PartFile,
    bare: BareSlice,
    service: RunningService,
    origin: Origin,
    *,
    slots: int,
    turns: int,
) -> Measured:
    jobs = _WAVES * slots
    urls = (
        origin.serve(f"{part.name}-{number}.stl", _copy(part.content, number))
        for number in itertools.count(1)
    )
    alone = in_turn(
        turns,
        lambda: _quoted_s(service, next(urls), bare),
        lambda: bare.run().wall_s,
    )
    cpu_s: tuple[list[float], list[float]] = [], []

    def quoted_s() -> float:
        before_s = _tree_cpu_s(service.process.pid)
        wall_s = _queue_quoted_s(service, list(itertools.islice(urls, jobs)), bare)
        cpu_s[0].append(_tree_cpu_s(service.process.pid) - before_s)
        return wall_s

    def sliced_s() -> float:
        before_s = _children_cpu_s()
        wall_s = _queue_sliced_s(bare, jobs, slots)
        cpu_s[1].append(_children_cpu_s() - before_s)
        return wall_s

    queue = in_turn(turns, quoted_s, sliced_s)
    return Measured(
        part=part.name,
        jobs=jobs,
        queue_service_s=queue[0],
        queue_xargs_s=queue[1],
        queue_service_cpu_s=cpu_s[0],
        queue_xargs_cpu_s=cpu_s[1],
        alone_service_s=alone[0],
        alone_bare_s=alone[1],
    )


def _copy(stl: bytes, number: int) -> bytes:
    """The same part in other bytes, since the service makes equal slices once."""
    is_binary = len(stl) == _HEADER_BYTES + 4 + 50 * int.from_bytes(stl[80:84], "little")
    if is_binary:
        return f"{number:<{_HEADER_BYTES}}".encode() + stl[_HEADER_BYTES:]
    return stl + b"\n" * number


def _tree_cpu_s(pid: int) -> float:
    """Of a process and of the children it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _children_cpu_s() -> float:
    """Of the children that this process has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _queue_quoted_s(service: RunningService, urls: Sequence[str], bare: BareSlice) -> float:
    began_s = time.perf_counter()
    with ThreadPoolExecutor(len(urls)) as callers:
        for _ in callers.map(lambda url: _quoted_s(service, url, bare), urls):
            pass
    return time.perf_counter() - began_s


def _quoted_s(service: RunningService, url: str, bare: BareSlice) -> float:
    began_s = time.perf_counter()
    response = service.post(order(url))
    wall_s = time.perf_counter() - began_s
    told_m = response.json()["print"]["filament_length_m"] if response.status_code == _OK else None
    if told_m is None or abs(told_m - float(bare.metrics.filament_mm) / 1000) > _SAME_M:
        raise RuntimeError(f"not the same slice: {response.status_code} {response.text}")
    return wall_s


def _queue_sliced_s(bare: BareSlice, jobs: int, at_once: int) -> float:
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


if __name__ == "__main__":
    sys.exit(main())

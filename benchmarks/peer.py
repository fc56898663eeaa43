"""What the design buys: the service against a straightforward pipeline, on the same parts.

`peer_pipeline` is that pipeline, in an environment of its own. Only `make bench PEER=1` measures
this: it installs what the project itself never needs.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.bare import BareSlice
from benchmarks.odd_files import odd_answers, odd_files
from benchmarks.parts import PartFile, ball
from benchmarks.place import NO_CACHE, ONE_SLOT, Caller, Place
from benchmarks.section import Claim, Section, Table
from benchmarks.spread import Spread, ratios
from benchmarks.usage import forget_peak, peak_mib
from pricing_fdm.model import LayerThickness, Material, Orientation, PrintSettings
from pricing_fdm.sandbox import process_table
from tests.harness.shapes import binary_stl, box

NAME = "peer"

_ROOT = Path(__file__).parent.parent
_PYTHON = _ROOT / ".bench" / "peer" / "bin" / "python"
_SETTINGS = PrintSettings(Material.PLA, 10, LayerThickness.ECONOMY)
_ORDER = {"infill": 10, "layer_thickness": 300, "orientation": "keep"}
# Those with short slices: what both add weighs most there.
_PARTS = (
    *("dactyl-wrist-rest", "openflexure-gears-ascii", "overhang-test-double"),
    *("ploopy-bearing-dowel", "thin-wall-test", "voron-design-cube"),
    "voron-tensioner-knob-threaded",
)
_TURNS = 2
_LARGE_MB = 95.0

_HOW = """\
`benchmarks/peer_pipeline.py` does what most services do: the whole body in memory, `trimesh` to
load it and to check it for holes and size, the caller's own file to the slicer under `xvfb-run`,
the whole G-code read and searched. It is given the service's own slicer configuration and the same
files from the same origin, runs as one process that answers request after request, and lets the
slicer have all cores, as the service does (`SLICE_CONCURRENCY=1`, nothing remembered, no turning,
the default sandbox). In turn, in the same run. Memory is the peak of the Python process, without
slicer and display; processor time is with them."""


@dataclass
class _Pair:
    """One part on both sides, by turns."""

    part: PartFile
    ours_s: list[float] = field(default_factory=list)
    ours_cpu_s: list[float] = field(default_factory=list)
    ours_mib: list[float] = field(default_factory=list)
    peer_s: list[float] = field(default_factory=list)
    peer_cpu_s: list[float] = field(default_factory=list)
    peer_mib: list[float] = field(default_factory=list)

    @property
    def wall(self) -> Spread:
        """Of the peer, as a multiple of the service's."""
        return Spread.of(ratios(self.peer_s, self.ours_s))

    @property
    def cpu(self) -> Spread:
        """The same of processor time."""
        return Spread.of(ratios(self.peer_cpu_s, self.ours_cpu_s))

    @property
    def memory(self) -> Spread:
        """The same of memory."""
        return Spread.of(ratios(self.peer_mib, self.ours_mib))


@dataclass(frozen=True)
class _Peer:
    process: subprocess.Popen[str]
    profile: Path

    def ask(self, url: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"url": url, "profile": str(self.profile)}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    @property
    def cpu_s(self) -> float:
        found = process_table.process(self.process.pid)
        assert found is not None
        return found.cpu_s


def measure(place: Place) -> Section:
    """Compares both.

    Raises:
        RuntimeError: The peer's environment is missing.
    """
    if not _PYTHON.exists():
        raise RuntimeError("`make bench PEER=1` installs what the peer needs")
    parts = [part for part in place.parts if part.name in _PARTS] or place.parts
    with place.service(**NO_CACHE, **ONE_SLOT) as caller, _peer(place) as peer:
        pairs = [_compare(caller, peer, part, _TURNS) for part in [*parts, ball(5)]]
        large = _compare(caller, peer, ball(_LARGE_MB), turns=1)
        answers = [odd_answers(caller, peer.ask, *case) for case in odd_files()]
    claims = [
        Claim(f"{what}, peer / service, median over {len(pairs)} parts", Spread.of(values).text())
        for what, values in {
            "Wall": [pair.wall.median for pair in pairs],
            "CPU": [pair.cpu.median for pair in pairs],
            "Peak memory": [pair.memory.median for pair in pairs],
        }.items()
    ]
    return Section(
        name=NAME,
        title="Against a straightforward pipeline",
        how=_HOW,
        claims=claims,
        tables=[
            Table(
                "The peer as a multiple of the service; below 1 it needs less.",
                ("Part", "MB", "wall", "CPU", "peak memory", "peer, MiB", "service, MiB"),
                [_row(pair) for pair in [*pairs, large]],
            ),
            Table(
                "What each answers to files that are not as they should be.",
                ("File", "right is", "peer", "service"),
                answers,
            ),
        ],
        samples={"parts": [_samples(pair) for pair in [*pairs, large]]},
    )


@contextlib.contextmanager
def _peer(place: Place) -> Iterator[_Peer]:
    bare = place.overhearer.overhear(_cube(), Orientation.KEEP, _SETTINGS)
    with tempfile.TemporaryDirectory(prefix="bench-peer-") as folder:
        profile = Path(folder) / "profile.ini"
        profile.write_bytes(bare.inputs[profile.name])
        with subprocess.Popen(
            [_PYTHON, _ROOT / "benchmarks" / "peer_pipeline.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            peer = _Peer(process, profile)
            peer.ask(place.origin.serve("warm-up.stl", _cube()))
            yield peer


def _compare(caller: Caller, peer: _Peer, part: PartFile, turns: int) -> _Pair:
    url, pair = caller.place.serve(part), _Pair(part)
    bare: BareSlice = caller.place.overhearer.overhear(part.content, Orientation.KEEP, _SETTINGS)
    slicer_cpu_s = bare.run().cpu_s

    def ours() -> None:
        forget_peak(caller.pid)
        answer = caller.quote(url, part.name, **_ORDER)
        pair.ours_s.append(answer.wall_s)
        pair.ours_cpu_s.append(answer.cpu_s + slicer_cpu_s)
        pair.ours_mib.append(peak_mib(caller.pid))

    def theirs() -> None:
        forget_peak(peer.process.pid)
        before_s, began_s = peer.cpu_s, time.perf_counter()
        answer = peer.ask(url)
        pair.peer_s.append(time.perf_counter() - began_s)
        if "error" in answer:
            raise RuntimeError(f"{part.name}: {answer}")
        pair.peer_cpu_s.append(peer.cpu_s - before_s)
        pair.peer_mib.append(peak_mib(peer.process.pid))

    for turn in range(turns):
        for ask in (ours, theirs) if turn % 2 == 0 else (theirs, ours):
            ask()
    return pair


def _cube() -> bytes:
    return binary_stl(box(10, 10, 10))


def _row(pair: _Pair) -> tuple[str, ...]:
    return (
        pair.part.name,
        f"{pair.part.size_mb:.2f}",
        pair.wall.text(),
        pair.cpu.text(),
        pair.memory.text(),
        f"{Spread.of(pair.peer_mib).median:,.0f}",
        f"{Spread.of(pair.ours_mib).median:,.0f}",
    )


def _samples(pair: _Pair) -> dict[str, Any]:
    figures = {name: value for name, value in vars(pair).items() if name != "part"}
    return {"part": pair.part.name, **figures}

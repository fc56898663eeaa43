"""Puts damaged models through the door that a caller's bytes go through, and judges what happens.

Mutants are inspected in a process of its own, with its address space limited, warnings turned into
errors and a watchdog that shows where it hangs. Each must end in a part that holds together or in a
refusal of class `ModelError`, and leave nothing behind but the upload and the clean STL of a part.
A process that dies takes the blame for one mutant; the others go on in the next.
"""

from __future__ import annotations

import faulthandler
import json
import math
import resource
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pricing_fdm.errors import ModelError
from pricing_fdm.model import Orientation, Part
from pricing_fdm.web.problems import STATUS
from tests.harness.model_doors import Door, inspect, opened
from tests.mesh.mutations import mutant

QUOTE = "quote"
PATIENCE_S = 60
"""For one mutant, on a machine that is busy with other things."""

ADDRESS_SPACE_BYTES = 2 * 1024**3

_ROOT = Path(__file__).parents[2]


@dataclass
class Tally:
    """What became of the mutants of one format.

    Attributes:
        outcomes: `quote`, or the code of the refusal.
        slowest: CPU seconds and number of the slowest mutant.
        largest: Peak of resident memory in MiB and number of the mutant that took most.
        accepted: Numbers of those that became a part.
        faults: What must not happen, by number.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, 0)
    largest: tuple[float, int] = (0.0, 0)
    accepted: list[int] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)

    def count(self, line: dict[str, Any]) -> None:
        """Takes what the process says of one mutant."""
        number = line["number"]
        if "fault" in line:
            self.faults[number] = line["fault"]
            return
        self.outcomes[line["outcome"]] += 1
        self.slowest = max(self.slowest, (line["cpu_s"], number))
        self.largest = max(self.largest, (line["peak_mib"], number))
        if line["outcome"] == QUOTE:
            self.accepted.append(number)


def fuzz(kind: str, mutants: int, *, seed: int) -> Tally:
    """Inspects mutants 0 to `mutants` - 1 of a format."""
    tally = Tally()
    first = 0
    while first < mutants:
        for line in _inspected(kind, first, mutants, seed):
            tally.count(line)
            first = line["number"] + 1
    return tally


def _inspected(kind: str, first: int, end: int, seed: int) -> Iterator[dict[str, Any]]:
    """What one process says of the mutants, up to the first that ends it."""
    said = subprocess.run(
        [sys.executable, "-W", "error", "-m", __name__, kind, str(first), str(end), str(seed)],
        capture_output=True,
        text=True,
        cwd=_ROOT,
        check=False,
    )
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    yield from lines
    if said.returncode:
        number = lines[-1]["number"] + 1 if lines else first
        fault = f"process ended with {said.returncode}\n{said.stderr[-4000:]}"
        yield {"number": number, "fault": fault}


def _main(kind: str, first: int, end: int, seed: int) -> None:
    """The process: one line of JSON for each mutant."""
    # Soft, so that a converter's own limit may replace it.
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, hard))
    with opened(kind) as door, tempfile.TemporaryDirectory() as folder:
        for number in range(first, end):
            content = mutant(kind, number, seed=seed)
            faulthandler.dump_traceback_later(PATIENCE_S, exit=True)
            try:
                line = _look(door, content, Path(folder))
            except Exception:  # noqa: BLE001 - whatever it is, it is the finding
                line = {"fault": traceback.format_exc()}
            faulthandler.cancel_dump_traceback_later()
            sys.stdout.write(json.dumps({"number": number, **line}) + "\n")
            sys.stdout.flush()


def _look(door: Door, content: bytes, folder: Path) -> dict[str, Any]:
    upload, clean = folder / "upload", folder / "part.stl"
    clean.unlink(missing_ok=True)
    upload.write_bytes(content)
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak so far
    cpu_before_s = _cpu_s()
    outcome = _outcome(door, upload, clean)
    cpu_s = _cpu_s() - cpu_before_s
    left = {path.name for path in folder.iterdir()}
    assert left == ({"upload", "part.stl"} if outcome == QUOTE else {"upload"})
    assert upload.read_bytes() == content, "the caller's bytes were changed"
    return {"outcome": outcome, "cpu_s": cpu_s, "peak_mib": _peak_mib()}


def _outcome(door: Door, upload: Path, clean: Path) -> str:
    refusal = None
    try:
        _judge(door(upload, clean), clean)
    except ModelError as caught:
        refusal = caught
    if refusal is None:
        return QUOTE
    assert 400 <= STATUS[type(refusal)] < 500
    assert refusal.detail.endswith((".", "?"))
    assert str(upload.parent) not in refusal.detail
    return refusal.code


def _judge(part: Part, clean: Path) -> None:
    """A part's figures make sense, and its file is one that we would take ourselves."""
    assert all(0 < side < math.inf for side in part.dimensions_mm), part
    x, y, z = part.dimensions_mm
    assert 0 < part.volume_mm3 <= x * y * z * part.bodies * 1.001, part
    assert 0 < part.surface_mm2 < math.inf, part
    assert all(warning.message.endswith(".") for warning in part.warnings), part.warnings
    try:
        copy = clean.with_name("again")
        again = inspect(clean, copy, Orientation.KEEP)
    except ModelError as refusal:
        raise AssertionError("our own file would be refused") from refusal
    copy.unlink()
    assert math.isclose(again.volume_mm3, part.volume_mm3, rel_tol=1e-3), (part, again)


def _cpu_s() -> float:
    """Of this process and of those that it has waited for."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _peak_mib() -> float:
    """Of this process since its peak was reset, and of the largest child so far."""
    status = Path("/proc/self/status").read_text()
    own = int(status.partition("VmHWM:")[2].split()[0])
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


if __name__ == "__main__":
    _main(sys.argv[1], *map(int, sys.argv[2:5]))

"""What each step of an inspection costs, in processor time.

`python -m benchmarks.steps FILE ...` prints the table of some files; without any, of all parts.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.parts import PartFile, ball, real_parts
from benchmarks.place import Place
from benchmarks.section import Section, Table
from pricing_fdm.mesh import inspect
from pricing_fdm.model import BuildVolume, Orientation

NAME = "steps"

STEPS = {
    "read_model": "read",
    "weld": "weld",
    "make_solid": "edges, repair",
    "measure": "measure",
    "best_rotation": "choose pose",
    "place": "place",
    "judge_shape": "judge shape",
    "write_stl": "write",
}
"""Functions of `mesh/inspect.py`, and what they are called in the table."""

_PRINTER = BuildVolume(256, 256, 256)
_MOST_TRIANGLES = 2_500_000
_TURNS = 3
_BALLS_MB = (5.0, 100.0)

_HOW = f"""\
The good parts, and balls of {_BALLS_MB[0]:g} and {_BALLS_MB[1]:g} MB, inspected in this process
with orientation `auto`; processor time of the thread, the least of {_TURNS} turns. With `keep` the
column of the pose is not spent."""


def measure(place: Place) -> Section:
    """Inspects the parts."""
    files = [*place.parts, *(ball(size_mb, radius_mm=40.0) for size_mb in _BALLS_MB)]
    rows = {part.name: (part.size_mb, steps_of(part)) for part in files}
    return Section(
        name=NAME,
        title="What the steps of an inspection cost",
        how=_HOW,
        tables=[_table(rows)],
        samples={name: steps for name, (_, steps) in rows.items()},
    )


def steps_of(part: PartFile) -> dict[str, float]:
    """Milliseconds of processor time of each step, and of all."""
    least: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "model"
        source.write_bytes(part.content)
        for _ in range(_TURNS):
            with _timed() as spent_ms:
                started = time.thread_time()
                inspect.inspect_model(
                    source,
                    Path(folder) / "clean.stl",
                    _PRINTER,
                    max_triangles=_MOST_TRIANGLES,
                    orientation=Orientation.AUTO,
                )
                spent_ms["all"] = (time.thread_time() - started) * 1000
            least = {step: min(ms, least.get(step, ms)) for step, ms in spent_ms.items()}
    return least


@contextlib.contextmanager
def _timed() -> Iterator[dict[str, float]]:
    """Listens to the clock before and after each step."""
    spent_ms: dict[str, float] = defaultdict(float)

    def timed(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*values: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the step takes
            started = time.thread_time()
            try:
                return step(*values, **named)
            finally:
                spent_ms[name] += (time.thread_time() - started) * 1000

        return run

    with contextlib.ExitStack() as stack:
        for function, name in STEPS.items():
            replaced = timed(name, getattr(inspect, function))
            stack.enter_context(mock.patch.object(inspect, function, replaced))
        yield spent_ms


def _table(rows: dict[str, tuple[float, dict[str, float]]]) -> Table:
    columns = (*STEPS.values(), "all")
    return Table(
        "Milliseconds of processor time.",
        ("Part", "MB", *columns),
        [
            (name, f"{size_mb:.1f}", *(f"{steps.get(each, 0.0):.0f}" for each in columns))
            for name, (size_mb, steps) in rows.items()
        ],
    )


def main(arguments: Sequence[str]) -> None:
    """Prints the table of some files, or of all parts."""
    paths = [Path(argument) for argument in arguments]
    files = [PartFile(path.stem, path.read_bytes()) for path in paths]
    table = _table({part.name: (part.size_mb, steps_of(part)) for part in files or real_parts()})
    print(*(" | ".join(row) for row in (table.header, *table.rows)), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])

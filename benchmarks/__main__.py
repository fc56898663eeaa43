"""`python -m benchmarks`: measures, and writes docs/performance.md when it has measured all."""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bare import Overhearer
from benchmarks.machine import commit, core_ms, load, machine, side_by_side
from benchmarks.parts import real_parts
from benchmarks.place import Place
from benchmarks.report import report
from benchmarks.section import Section
from benchmarks.spread import Spread
from benchmarks.suite import BENCHMARKS, chosen
from tests.harness.origin import running_origin

_DOCS = Path(__file__).parent.parent / "docs"


def main() -> int:
    """Measures, then writes or prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default="", help=f"some of {', '.join(BENCHMARKS)}, by commas")
    parser.add_argument("--peer", action="store_true", help="measure a peer pipeline, too")
    parser.add_argument("--into", type=Path, help="folder to write to; default: docs, if all ran")
    options = parser.parse_args()
    only = [name for name in options.only.split(",") if name]
    try:
        names = chosen(only, with_peer=options.peer)
    except ValueError as error:
        parser.error(str(error))
    overhearer, before, began_with = Overhearer(), load(), commit()
    speeds_ms, beside = [core_ms()], side_by_side()
    parts = real_parts()
    with running_origin() as origin:
        place = Place(origin, parts, overhearer)
        measured = []
        for name in names:
            measured.append(_measured(name, place))
            speeds_ms.append(core_ms())
    sections = [section for section in measured if section is not None]
    failed = len(sections) < len(measured)
    ended_with = commit()
    about = [
        *machine(overhearer.slicer),
        ("Real parts", f"{len(parts)}: {', '.join(part.name for part in parts)}"),
        ("Commit", began_with if began_with == ended_with else f"{began_with}, then {ended_with}"),
        ("Load before and after", f"{before:.1f}, {load():.1f}"),
        ("Two sorts side by side / one after the other", f"{beside:.2f}"),
        ("A core's CPU ms to sort 2,000,000 numbers, by turns", Spread.of(speeds_ms).text(0)),
    ]
    page = report(sections, about)
    into = options.into or (None if only or failed else _DOCS)
    if into is None:
        print(page)
    else:
        _write(into, page, sections)
    return 1 if failed else 0


def _measured(name: str, place: Place) -> Section | None:
    """None if it failed: what the others take minutes for is not thrown away."""
    print(f"{name} ...", end=" ", flush=True, file=sys.stderr)
    began_s = time.monotonic()
    try:
        section = BENCHMARKS[name](place)
    except Exception:  # noqa: BLE001 - the outermost edge
        traceback.print_exc()
        return None
    print(f"{time.monotonic() - began_s:.0f} s", file=sys.stderr)
    return section


def _write(folder: Path, page: str, sections: Sequence[Section]) -> None:
    samples = {section.name: section.samples for section in sections}
    (folder / "performance.md").write_text(page, "utf-8")
    (folder / "performance.json").write_text(json.dumps(samples, indent=1) + "\n", "utf-8")
    print(f"written: {folder / 'performance.md'}, performance.json", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

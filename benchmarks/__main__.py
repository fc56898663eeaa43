"""`python -m benchmarks`: measures, and writes docs/performance.md when it has measured all."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import cores, large, memory, overhead, repeats, shop, start
from benchmarks.place import Place
from benchmarks.report import Section, machine, page

_DOCS = Path(__file__).parent.parent / "docs"
_MEASURES: Mapping[str, Callable[[Place], Section]] = {
    each.NAME: each.measure for each in (overhead, cores, large, repeats, start, memory, shop)
}


def main() -> int:
    """Measures, then writes or prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=list(_MEASURES),
        help=f"some of {','.join(_MEASURES)}",
    )
    only = parser.parse_args().only
    if unknown := set(only) - set(_MEASURES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    with Place.open() as place:
        about = [*machine(), ("Slicer", place.overhearer.slicer)]
        measured = [_measured(name, place) for name in _MEASURES if name in only]
    sections = [section for section in measured if section is not None]
    about.append(("Load after", f"{os.getloadavg()[0]:.1f}"))
    if len(sections) < len(_MEASURES):
        print(page(sections, about))
    else:
        samples = {section.name: section.samples for section in sections}
        (_DOCS / "performance.md").write_text(page(sections, about))
        (_DOCS / "performance.json").write_text(json.dumps(samples, indent=1) + "\n")
    return 1 if len(sections) < len(measured) else 0


def _measured(name: str, place: Place) -> Section | None:
    """None if it failed: what the others take minutes for is not thrown away."""
    print(f"{name} ...", end=" ", flush=True, file=sys.stderr)
    began_s = time.monotonic()
    try:
        return _MEASURES[name](place)
    except Exception:  # noqa: BLE001 - the outermost edge
        traceback.print_exc()
        return None
    finally:
        print(f"{time.monotonic() - began_s:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

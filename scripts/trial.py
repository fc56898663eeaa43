"""How a trial is reported: a table, then what was wrong; the exit code says if anything was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(*rows: Sequence[object]) -> None:
    """Prints a table; the first row is its header."""
    header, *others = rows
    for row in (header, ["---"] * len(header), *others):
        print(f"| {' | '.join(map(str, row))} |", flush=True)


def verdict(faults: Iterable[str]) -> int:
    """Prints the faults, of which there should be none, and returns the exit code."""
    found = list(faults)
    print(f"\n{'; '.join(found) or 'all good'}")
    return 1 if found else 0

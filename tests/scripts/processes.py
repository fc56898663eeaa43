"""Looks at the processes of this machine, to find those that a test must not leave behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """One process; the start time tells it from a later one with the same number."""

    pid: int
    parent: int
    name: str
    start: str


def descendants(pid: int) -> list[Process]:
    """The processes below `pid`, whatever their sessions and groups."""
    everyone = [_process(folder) for folder in Path("/proc").glob("[0-9]*")]
    found: list[Process] = []
    parents = {pid}
    while parents:
        children = [process for process in everyone if process and process.parent in parents]
        parents = {child.pid for child in children}
        found += children
    return found


def is_running(process: Process) -> bool:
    """Whether this very process is still there."""
    now = _process(Path("/proc", str(process.pid)))
    return now is not None and now.start == process.start


def running_with(marker: str) -> list[str]:
    """Command lines of the processes that carry this variable."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it ended while we looked, or is not ours
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _process(folder: Path) -> Process | None:
    try:
        name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
    except OSError:
        return None  # it has ended
    fields = rest.split()
    return Process(int(folder.name), int(fields[1]), name, fields[19])

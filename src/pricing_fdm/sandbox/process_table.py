"""Reads the kernel's table of processes: children, and what a process has used.

A process may end between two reads; it is then left out. Nothing here waits or kills.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    """One line of the table.

    Attributes:
        group: Process group.
        ended: It is a zombie: only its exit status is left.
        cpu_s: User and system time, with that of the children it has waited for.
        started: Clock ticks since the machine started; with `pid` it identifies a process.
    """

    pid: int
    group: int
    ended: bool
    cpu_s: float
    started: int


def process(pid: int) -> Process | None:
    """The process of that number, None when there is none."""
    try:
        line = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return None
    # The name, in parentheses, may itself hold blanks and parentheses; see proc(5) for the fields.
    fields = line.rpartition(")")[2].split()
    return Process(
        pid=pid,
        group=int(fields[2]),
        ended=fields[0] in {"Z", "X"},
        cpu_s=sum(map(int, fields[11:15])) / _TICKS_PER_S,
        started=int(fields[19]),
    )


def children(pid: int) -> Iterator[Process]:
    """The children of a process, from all its threads."""
    for listing in (_PROC / str(pid) / "task").glob("*/children"):
        try:
            numbers = listing.read_text().split()
        except OSError:
            continue
        yield from filter(None, (process(int(number)) for number in numbers))


def family(pid: int) -> Iterator[Process]:
    """The process itself and all that descend from it."""
    head = process(pid)
    if head is not None:
        yield head
        for child in children(pid):
            yield from family(child.pid)


def peak_memory_bytes(pid: int) -> int:
    """Largest resident set that the process has had so far; 0 when it is gone."""
    try:
        lines = (_PROC / str(pid) / "status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def environment_value(pid: int, name: str) -> str | None:
    """A variable of the environment that the process was started with, None if it has none."""
    try:
        block = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return None
    start = f"{name}=".encode()
    values = (entry[len(start) :] for entry in block.split(b"\0") if entry.startswith(start))
    return next((value.decode("utf-8", "replace") for value in values), None)

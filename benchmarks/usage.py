"""What a process has used, or all of them, as the kernel tells it.

Processor time is read from the process's own clock, which counts nanoseconds, not from the ticks of
/proc: a cached quote costs less than one tick. Children are not in it.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_MIB = 1024
_LINE = re.compile(r"^(Rss|Pss|VmHWM):\s+(\d+) kB", re.MULTILINE)
# clock_getcpuclockid(3): the complement of the id, and which of its clocks is meant.
_ALL_ITS_THREADS = 2
# proc_stat(5): columns of the first line; what follows stolen time is in the first column, too.
_IDLE, _WAITING, _STOLEN = 3, 4, 7


@dataclass(frozen=True, slots=True)
class Resident:
    """Memory of a process.

    Attributes:
        rss_mib: All pages that it has in memory.
        pss_mib: The same, with each page that others have too divided among them.
    """

    rss_mib: float
    pss_mib: float


def own_cpu_s(pid: int) -> float:
    """Processor time of all its threads, without its children."""
    return time.clock_gettime((~pid << 3) | _ALL_ITS_THREADS)


def machine_busy_s() -> float:
    """Processor time of all cores that was not idle, since the machine started."""
    with (_PROC / "stat").open() as stat:
        ticks = [int(word) for word in stat.readline().split()[1:]]
    idle = ticks[_IDLE] + ticks[_WAITING]
    return (sum(ticks[: _STOLEN + 1]) - idle) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> Resident:
    """What it has in memory now."""
    figures = _figures(_PROC / str(pid) / "smaps_rollup")
    return Resident(figures["Rss"], figures["Pss"])


def forget_peak(pid: int) -> None:
    """Lets the peak begin anew from what is in memory now."""
    (_PROC / str(pid) / "clear_refs").write_text("5")


def peak_mib(pid: int) -> float:
    """The most that it had in memory since the peak was forgotten."""
    return _figures(_PROC / str(pid) / "status")["VmHWM"]


def _figures(path: Path) -> dict[str, float]:
    return {name: int(kib) / _MIB for name, kib in _LINE.findall(path.read_text())}

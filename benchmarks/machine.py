"""On what was measured, in words; no names of hosts or people, no paths."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np

from pricing_fdm.slicers.cores import usable_cores

_SORTED = 2_000_000
_TURNS = range(5)
_ROOT = Path(__file__).parent.parent
_KIB_PER_GIB = 1024 * 1024


def machine(slicer: str) -> list[tuple[str, str]]:
    """Rows of what and its value."""
    processor = _first(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo"))
    memory_kib = int(_first(r"^MemTotal:\s+(\d+) kB$", Path("/proc/meminfo")))
    system = _first(r'^PRETTY_NAME="?([^"\n]+)', Path("/etc/os-release"))
    return [
        ("Processor", f"{processor}, {len(usable_cores())} cores"),
        ("Memory", f"{memory_kib / _KIB_PER_GIB:.1f} GiB"),
        ("System", f"{system}, Linux {'.'.join(platform.release().split('.')[:2])}"),
        ("Python", f"{platform.python_version()}, numpy {version('numpy')}"),
        ("Slicer", slicer),
        ("Date", dt.datetime.now(tz=dt.UTC).date().isoformat()),
    ]


def core_ms() -> float:
    """Processor time of a core for work that never changes; what else shares it makes it slower."""
    numbers = np.random.default_rng(1).random(_SORTED)
    spent_s = []
    for _ in _TURNS:
        began_s = time.process_time()
        np.sort(numbers)
        spent_s.append(time.process_time() - began_s)
    return 1000 * min(spent_s)


def side_by_side() -> float:
    """Wall time of two threads that sort, by that of one which does both: 0.5 for two whole cores.

    Two "cores" that are threads of one, or that others use, come to nearly 1.
    """
    numbers = np.random.default_rng(1).random((2, _SORTED))
    with ThreadPoolExecutor(len(numbers)) as threads:
        together_s = min(_wall_s(lambda: list(threads.map(np.sort, numbers))) for _ in _TURNS)
    return together_s / min(_wall_s(lambda: [np.sort(each) for each in numbers]) for _ in _TURNS)


def _wall_s(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def load() -> float:
    """How many processes want a core, mean of the last minute."""
    return os.getloadavg()[0]


def commit() -> str:
    """The commit that is checked out, and whether files differ from it."""
    try:
        name = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--", "src", "profiles")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{name}, with changes in src or profiles" if changed else name


def _git(*arguments: str) -> str:
    command: Sequence[str] = ("git", "-C", str(_ROOT), *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _first(pattern: str, path: Path) -> str:
    found = re.search(pattern, path.read_text("utf-8"), re.MULTILINE)
    return found[1].strip() if found else "unknown"

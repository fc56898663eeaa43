"""The limits of a run: how they are set, and which of them ended a program.

Limits are set by util-linux's `setpriv`, `prlimit`, `taskset` and `setarch` (an essential package
of Debian). Each executes the next, which takes 4 ms in all. No Python runs between fork and exec,
and the limits hold from the slicer's first instruction on, in every sandbox.
"""

from __future__ import annotations

import math
import shutil
import signal
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pricing_fdm.sandbox.sandbox import NoSandbox, Sandbox

# What a C++ program prints when it gets no memory. The kernel itself leaves no trace of that.
_OUT_OF_MEMORY = "std::bad_alloc"


class Limit(StrEnum):
    """The limit that ended a run."""

    WALL = "wall"
    SILENCE = "silence"
    CPU = "cpu"
    FILE_SIZE = "file_size"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use and access.

    Attributes:
        wall_s: Seconds until the whole group is killed.
        cpu_s: CPU seconds over all threads (the kernel sends SIGXCPU, a second later SIGKILL).
        memory_bytes: Address space of each process of the group.
        file_size_bytes: Longest file that it may write (SIGXFSZ).
        open_files: Descriptors of each process.
        cores: The cores it may run on; None leaves all.
        fixed_addresses: Memory at the same addresses in every run, for a program whose results
            depend on them. The kernel or a container may refuse it; the program then fails.
        silence_s: Seconds after a line of progress until the group is killed if none follows.
        sandbox: What it can see and access.
        readable: Files and folders that it may read besides the system and its own.
        in_background: It gets the processors when nobody else wants them.
    """

    wall_s: float
    cpu_s: int
    memory_bytes: int
    file_size_bytes: int
    open_files: int = 256
    cores: frozenset[int] | None = None
    fixed_addresses: bool = False
    silence_s: float = math.inf
    sandbox: Sandbox = field(default_factory=NoSandbox)
    readable: tuple[Path, ...] = ()
    in_background: bool = False


def limiting_prefix(limits: Limits) -> list[str]:
    """The command that sets the limits and then executes the command appended to it.

    Raises:
        FileNotFoundError: A tool is missing.
    """
    prefix = [
        _tool("setpriv"),
        "--no-new-privs",
        "--pdeathsig=KILL",
        _tool("prlimit"),
        "--core=0:0",
        f"--cpu={limits.cpu_s}:{limits.cpu_s + 1}",
        f"--as={limits.memory_bytes}",
        f"--fsize={limits.file_size_bytes}",
        f"--nofile={limits.open_files}",
    ]
    if limits.cores:
        cores = ",".join(str(core) for core in sorted(limits.cores))
        prefix += [_tool("taskset"), "--cpu-list", cores]
    if limits.fixed_addresses:
        prefix += [_tool("setarch"), "--addr-no-randomize"]
    return prefix


def limit_behind(code: int, cpu_s: float, stderr: str, limits: Limits) -> Limit | None:
    """The limit that ended a program that we did not kill; None when it was no limit.

    Args:
        code: Exit code, as `os.waitstatus_to_exitcode` gives it.
        cpu_s: CPU time that the program has used.
        stderr: The end of what it printed there.
        limits: The limits of the run.
    """
    if code == -signal.SIGXFSZ:
        return Limit.FILE_SIZE
    if code == -signal.SIGXCPU or (code == -signal.SIGKILL and cpu_s >= limits.cpu_s):
        return Limit.CPU
    if code != 0 and _OUT_OF_MEMORY in stderr:
        return Limit.MEMORY
    return None


def _tool(name: str) -> str:
    found = shutil.which(name, path="/usr/bin:/bin:/usr/local/bin")
    if found is None:
        raise FileNotFoundError(f"{name} is missing; install the package util-linux")
    return found

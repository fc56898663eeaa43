"""The second-best sandbox, where namespaces are forbidden: Landlock, seccomp, no new privileges.

The program sees the same file system as everybody, and the kernel refuses it all but the system's
libraries, its own folder and the run's. It gets no socket at all. Processes are not hidden, but it
can neither read their memory or environment nor (since Linux 6.12) signal them. The launcher is
a Python script and costs its start, so this level is taken only where the first is not to be had.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pricing_fdm.sandbox import launcher
from pricing_fdm.sandbox.sandbox import (
    SYSTEM_FOLDERS,
    SYSTEM_SETTINGS,
    Command,
    Level,
    display_socket,
    let_in,
    path_inside,
)

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
# How many cores and how much memory there is; /proc/self is the launcher's, which turns into it.
_MACHINE = ("/proc/self", "/proc/meminfo", "/proc/cpuinfo", "/sys/devices/system/cpu")


@dataclass(frozen=True, slots=True)
class LandlockSandbox:
    """Shuts in with rules of the kernel.

    Attributes:
        python: The interpreter for the launcher.
    """

    python: Path = Path(sys.executable)
    level: Level = Level.LANDLOCK

    def command(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        readable: Sequence[Path] = (),
    ) -> Command:
        """See `Sandbox.command`."""
        program = Path(argv[0])
        shown = [*SYSTEM_FOLDERS, *SYSTEM_SETTINGS, *_MACHINE, *let_in(program, cwd, readable)]
        return Command(
            [
                *(str(self.python), "-I", "-S", str(Path(launcher.__file__))),
                *(f"read={path}" for path in shown),
                *(f"device={path}" for path in _DEVICES),
                f"change={cwd.absolute()}",
                *(["unix-sockets"] if display_socket(env) else []),
                *(f"set={name}={value}" for name, value in env.items()),
                "--",
                *(str(path_inside(program)), *argv[1:]),
            ],
            env={},
        )

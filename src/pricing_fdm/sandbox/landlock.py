"""The sandbox for machines that forbid namespaces: Landlock, seccomp, no new privileges.

The program sees the usual file system, but the kernel lets it read only the system's libraries, its
own folder and the folder of the run. It gets no sockets. It sees other processes, but cannot read
their memory or environment, nor signal them (since Linux 6.12). The launcher is a Python script
whose start takes time, so this level is used only where bubblewrap does not work.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pricing_fdm.sandbox import launcher
from pricing_fdm.sandbox.call_filter import open_filter
from pricing_fdm.sandbox.sandbox import (
    SYSTEM_FOLDERS,
    SYSTEM_SETTINGS,
    Command,
    Level,
    display_socket,
    let_in,
    path_inside,
)
from pricing_fdm.sandbox.user import other_user

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
# The number of cores and the memory. /proc/self is opened by the launcher, which becomes the
# program, so it is the program's own.
_MACHINE = ("/proc/self", "/proc/meminfo", "/proc/cpuinfo", "/sys/devices/system/cpu")


@dataclass(frozen=True, slots=True)
class LandlockSandbox:
    """The sandbox of kernel rules.

    Attributes:
        python: The interpreter for the launcher.
        user: The user that programs run as; None: the service's own.
    """

    python: Path = Path(sys.executable)
    level: Level = Level.LANDLOCK
    user: int | None = field(default_factory=other_user)

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
        call_filter = open_filter(unix_sockets=bool(display_socket(env)), metadata=False)
        shown = [*SYSTEM_FOLDERS, *SYSTEM_SETTINGS, *_MACHINE, *let_in(program, cwd, readable)]
        return Command(
            [
                *(str(self.python), "-I", "-S", str(Path(launcher.__file__))),
                *(f"read={path}" for path in shown),
                *(f"device={path}" for path in _DEVICES),
                f"change={cwd.absolute()}",
                f"filter={call_filter}",
                *([] if self.user is None else [f"user={self.user}"]),
                *(f"set={name}={value}" for name, value in env.items()),
                "--",
                *(str(path_inside(program)), *argv[1:]),
            ],
            env={},
            call_filter=call_filter,
            user=self.user,
        )

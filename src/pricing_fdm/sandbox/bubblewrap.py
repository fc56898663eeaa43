"""The best sandbox: bubblewrap gives a program its own file system, processes and network.

The program sees the system's libraries, its own folder, an empty /tmp and the folder of the run. It
can write only to the last two. It sees no home, no configuration and no files of other users. Its
network has only a loopback device of its own. Everything is killed when the service ends.

`--new-session` is left out: a run already has a session without a terminal, and all its processes
must stay in one group so that they can be killed together.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pricing_fdm.sandbox.call_filter import open_filter
from pricing_fdm.sandbox.init_process import supervised
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

# Root needs no user namespace, in which it could not become another user.
_NAMESPACES_OF_ROOT = (
    *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
    *("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"),
    *("--cap-add", "CAP_DAC_READ_SEARCH"),
)
_NAMESPACES = ("--unshare-all", "--cap-drop", "ALL")


@dataclass(frozen=True, slots=True)
class BubblewrapSandbox:
    """The sandbox of namespaces.

    Attributes:
        bwrap: The program.
        has_proc: Whether /proc is mounted inside; some container runtimes forbid that.
        user: The user that programs run as; None: the service's own.
    """

    bwrap: Path
    has_proc: bool
    level: Level = Level.BWRAP
    user: int | None = field(default_factory=functools.partial(other_user, searching=True))

    def command(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        readable: Sequence[Path] = (),
    ) -> Command:
        """See `Sandbox.command`."""
        program, inside = Path(argv[0]), path_inside(Path(argv[0]))
        folder, display = str(cwd.absolute()), display_socket(env)
        call_filter = open_filter(unix_sockets=bool(display), metadata=True)
        one_of_many = ("--perms", "1777") if self.user is not None else ()
        return Command(
            [
                str(self.bwrap),
                *(_NAMESPACES if self.user is None else _NAMESPACES_OF_ROOT),
                *("--die-with-parent", "--as-pid-1"),
                *(() if call_filter is None else ("--seccomp", str(call_filter))),
                *_system(),
                *(_PROC if self.has_proc else _own_name_only(inside)),
                *("--dev", "/dev", *one_of_many, "--tmpfs", "/tmp"),  # noqa: S108 - its own, inside
                *_readable(let_in(program, cwd, readable)),
                *_readable(filter(None, [display])),
                *("--bind", folder, folder, "--chdir", folder),
                "--",
                *supervised(
                    [str(inside), *argv[1:]], env, () if self.user is None else _become(self.user)
                ),
            ],
            env={},
            supervised=True,
            call_filter=call_filter,
            user=self.user,
        )


# Read-only, because whoever is root outside may write to /proc/sys also without a capability.
_PROC = ("--proc", "/proc", "--remount-ro", "/proc")


def _become(user: int) -> tuple[str, ...]:
    """The command that becomes another user before it executes the program.

    It keeps the right to enter and read what root may: folders on the way to what is shown may be
    root's alone. Process 1 stays root, since the end of bwrap, which is root too, could not kill it
    otherwise.
    """
    kept = "-all,+dac_read_search"
    return (
        *("/usr/bin/setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"),
        *(f"--inh-caps={kept}", f"--ambient-caps={kept}", "--"),
    )


def _system() -> list[str]:
    """The options that show the system's folders and links as they are on this machine."""
    options: list[str] = []
    for folder in map(Path, SYSTEM_FOLDERS):
        if folder.is_symlink():
            options += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            options += ["--ro-bind", str(folder), str(folder)]
    for path in SYSTEM_SETTINGS:
        options += ["--ro-bind-try", path, path]
    return options


def _own_name_only(program: Path) -> tuple[str, ...]:
    """The options for a /proc with `/proc/self/exe` only: slicers look for resources beside it."""
    return ("--dir", "/proc/self", "--symlink", str(program), "/proc/self/exe")


def _readable(paths: Iterable[Path]) -> list[str]:
    return [word for path in paths for word in ("--ro-bind-try", str(path), str(path))]

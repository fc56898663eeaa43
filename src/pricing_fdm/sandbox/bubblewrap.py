"""The best sandbox: bubblewrap gives a program its own file system, processes and network.

The program sees the system's libraries, its own folder, an empty /tmp and the folder of the run. It
can write only to the last two. It sees no home, no configuration and no files of other users. Its
network has only a loopback device of its own. Everything is killed when the service ends.

`--new-session` is left out: a run already has a session without a terminal, and all its processes
must stay in one group so that they can be killed together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class BubblewrapSandbox:
    """The sandbox of namespaces.

    Attributes:
        bwrap: The program.
        has_proc: Whether /proc is mounted inside; some container runtimes forbid that.
    """

    bwrap: Path
    has_proc: bool
    level: Level = Level.BWRAP

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
        folder = str(cwd.absolute())
        return Command(
            [
                str(self.bwrap),
                *("--unshare-all", "--die-with-parent", "--as-pid-1", "--cap-drop", "ALL"),
                *_system(),
                *(("--proc", "/proc") if self.has_proc else _own_name_only(inside)),
                *("--dev", "/dev", "--tmpfs", "/tmp"),  # noqa: S108 - its own, inside
                *_readable(let_in(program, cwd, readable)),
                *_readable(filter(None, [display_socket(env)])),
                *("--bind", folder, folder, "--chdir", folder),
                "--",
                *supervised([str(inside), *argv[1:]], env),
            ],
            env={},
            supervised=True,
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

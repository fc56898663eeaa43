"""The best sandbox: bubblewrap gives a program its own file system, processes and network.

Inside there are the system's libraries, the slicer's own folder, an empty /tmp and the run's
folder, which alone can be written to; no home, no configuration, no other user's files. The
network has no device but its own loopback. All of it dies with the service.

`--new-session` is left out: a run has a session without a terminal anyway, and one group for all
its processes is what makes an end certain.
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
    """Shuts in with namespaces.

    Attributes:
        bwrap: The program.
        has_proc: Whether there is a /proc inside; container runtimes forbid to mount one.
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
    """Binds folders and repeats links, so that the view inside is the machine's own."""
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
    """Both slicers look for their resources beside `/proc/self/exe`, PrusaSlicer or it aborts."""
    return ("--dir", "/proc/self", "--symlink", str(program), "/proc/self/exe")


def _readable(paths: Iterable[Path]) -> list[str]:
    return [word for path in paths for word in ("--ro-bind-try", str(path), str(path))]

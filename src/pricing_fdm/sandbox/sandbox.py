"""The interface of a sandbox, and what every sandbox shows to a program.

A sandbox turns a command line into one that runs the same program inside. The levels are `bwrap`
(own view of the file system, no network, no other processes), `landlock` (the usual file system,
most of it refused, no sockets) and `none` (what the user may do). docs/sandbox.md lists what each
level refuses; `probe` finds the best that works here.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

# Libraries, programs and fonts of the system; links where /usr is merged, folders elsewhere.
SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
# What the loader and the font library read; Debian's alternatives are links that lead through it.
SYSTEM_SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime")

_DISPLAY = re.compile(r":(\d+)(?:\.\d+)?")


class Level(StrEnum):
    """How strong a sandbox is; also the label of the metric."""

    BWRAP = "bwrap"
    LANDLOCK = "landlock"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Command:
    """The command that is really started.

    Attributes:
        env: The environment of `argv`; `argv` may set other variables for the program.
        supervised: Whether a shell runs the program and reports its end; see `init_process`.
        call_filter: A descriptor that is named in `argv`; see `inherited`.
        user: The user that the program becomes, who must own the folder of the run; None: ours.
    """

    argv: Sequence[str]
    env: Mapping[str, str]
    supervised: bool = False
    call_filter: int | None = None
    user: int | None = None

    @contextlib.contextmanager
    def inherited(self) -> Iterator[tuple[int, ...]]:
        """The descriptors that `argv` names; they are closed at the end of the context."""
        descriptors = () if self.call_filter is None else (self.call_filter,)
        try:
            yield descriptors
        finally:
            for descriptor in descriptors:
                os.close(descriptor)


class Sandbox(Protocol):
    """Runs a program with limited access to the machine."""

    @property
    def level(self) -> Level:
        """How strong it is."""
        ...

    def command(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        readable: Sequence[Path] = (),
    ) -> Command:
        """The command that runs `argv` in this sandbox.

        Args:
            argv: Absolute path of the program, and its arguments.
            cwd: The only folder that it may write to.
            env: The complete environment that the program is to have.
            readable: What it may read besides the system's and its own files; see `let_in`.
        """
        ...


@dataclass(frozen=True, slots=True)
class NoSandbox:
    """Limits only: the program may do what the user of the service may do."""

    level: Level = Level.NONE

    def command(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        readable: Sequence[Path] = (),
    ) -> Command:
        """See `Sandbox.command`."""
        del cwd, readable
        return Command(argv, env)


def let_in(program: Path, cwd: Path, readable: Sequence[Path]) -> tuple[Path, ...]:
    """The paths shown to a program besides the system and `cwd`: its own, and `readable`.

    A path of `readable` that holds `cwd` is left out, as it would show the folders of other runs.
    """
    folder = cwd.resolve()
    harmless = [path for path in readable if not folder.is_relative_to(path.resolve())]
    return (*own_paths(program, cwd), *(path.absolute() for path in harmless))


def own_paths(program: Path, cwd: Path) -> tuple[Path, ...]:
    """The program itself and what was installed with it; nothing for a program of the system.

    Usually that is the folder of the program. OrcaSlicer is packed as `.../bin/orca-slicer` with
    `.../resources`; then it is the folder above. If that folder holds the folders of other runs, it
    is only the program itself.
    """
    real = program.resolve()
    if _is_of_the_system(real):
        return ()
    folder = real.parent
    if folder.name == "bin" and (folder.parent / "resources").is_dir():
        folder = folder.parent
    return (real,) if cwd.resolve().is_relative_to(folder) else (folder,)


def path_inside(program: Path) -> Path:
    """The path of a program inside a sandbox, where links to it do not exist."""
    return program if _is_of_the_system(program) else program.resolve()


def display_socket(env: Mapping[str, str]) -> Path | None:
    """Where the X server of `DISPLAY` listens, None when the program gets no display."""
    number = _DISPLAY.fullmatch(env.get("DISPLAY", ""))
    return Path(f"/tmp/.X11-unix/X{number[1]}") if number else None  # noqa: S108 - fixed by X11


def _is_of_the_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in SYSTEM_FOLDERS)

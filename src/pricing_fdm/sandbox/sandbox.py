"""What a run can see and reach: the interface of a sandbox, and what all sandboxes let in.

A sandbox turns a command line into another that runs the same program in it. Its levels are
`bwrap` (own view of the file system, no network, no other processes), `landlock` (the same file
system, most of it refused, no sockets), `none` (what the user may do). docs/sandbox.md tells what
each level refuses; `probe` finds the best that works here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
    """How well a sandbox shuts in; the value of the metric's label."""

    BWRAP = "bwrap"
    LANDLOCK = "landlock"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Command:
    """What is really started.

    Attributes:
        env: The environment of `argv`, which may itself build the program's.
        supervised: A supervisor stands between; see `init_process`.
    """

    argv: Sequence[str]
    env: Mapping[str, str]
    supervised: bool = False


class Sandbox(Protocol):
    """A way to shut a program in."""

    @property
    def level(self) -> Level:
        """How well it shuts in."""
        ...

    def command(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        readable: Sequence[Path] = (),
    ) -> Command:
        """The command that runs `argv` shut in.

        Args:
            argv: Absolute path of the program, and its arguments.
            cwd: The only folder that it may write to.
            env: The complete environment that the program is to have.
            readable: What it may read besides the system and its own; see `let_in`.
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
    """What a program is shown besides the system and `cwd`: its own, and `readable`.

    A path of `readable` that holds `cwd` is left out, as it would show the folders of other runs.
    """
    folder = cwd.resolve()
    harmless = [path for path in readable if not folder.is_relative_to(path.resolve())]
    return (*own_paths(program, cwd), *(path.absolute() for path in harmless))


def own_paths(program: Path, cwd: Path) -> tuple[Path, ...]:
    """What a program needs of its own besides the system: itself and what was installed with it.

    That is the folder that it lies in; for `.../bin/orca-slicer` with its `.../resources`, as
    OrcaSlicer is packed, the folder above. Where that would let it see the folders of other runs,
    only the program itself.
    """
    real = program.resolve()
    if _is_of_the_system(real):
        return ()
    folder = real.parent
    if folder.name == "bin" and (folder.parent / "resources").is_dir():
        folder = folder.parent
    return (real,) if cwd.resolve().is_relative_to(folder) else (folder,)


def path_inside(program: Path) -> Path:
    """Where a program is found in a sandbox that has only its target, not the links to it."""
    return program if _is_of_the_system(program) else program.resolve()


def display_socket(env: Mapping[str, str]) -> Path | None:
    """Where the X server of `DISPLAY` listens, None when the program gets no display."""
    number = _DISPLAY.fullmatch(env.get("DISPLAY", ""))
    return Path(f"/tmp/.X11-unix/X{number[1]}") if number else None  # noqa: S108 - fixed by X11


def _is_of_the_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in SYSTEM_FOLDERS)

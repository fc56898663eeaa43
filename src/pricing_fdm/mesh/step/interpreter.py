"""Builds the command of a child on our own Python with some of our packages, for any sandbox.

A sandbox has neither our virtual environment nor our source. The child gets, read-only, the
interpreter behind the environment's links, its library, and the folders that hold the packages.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pricing_fdm.sandbox.process import ProgramUnavailable

# `site` would run what lies in those folders, and is half of the start.
_OPTIONS = ("-I", "-S", "-B")
_START = (
    "import runpy, sys; _, folders, script, *sys.argv[1:] = sys.argv; "
    "sys.path += folders.split(':'); runpy.run_path(script, run_name='__main__')"
)


@dataclass(frozen=True, slots=True)
class ScriptCommand:
    """A script that can be run in any sandbox.

    Attributes:
        argv: The command; the script's own arguments follow it.
        readable: Paths that the sandbox must make readable.
    """

    argv: tuple[str, ...]
    readable: tuple[Path, ...]


def script_command(script: Path, *packages: str) -> ScriptCommand:
    """The command for `script`, which imports `packages` and the standard library only.

    Raises:
        ProgramUnavailable: A package is not installed.
    """
    python = Path(sys.executable).resolve()
    folders = list(dict.fromkeys(_folder_of(package) for package in packages))
    library = {Path(sys.base_prefix).resolve() / name for name in ("lib", sys.platlibdir)}
    return ScriptCommand(
        (str(python), *_OPTIONS, "-c", _START, ":".join(map(str, folders)), str(script)),
        (script, *sorted(library), *folders),
    )


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ProgramUnavailable(f"the package {package} is not installed")
    return Path(spec.origin).resolve().parent.parent

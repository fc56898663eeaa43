"""A copy of the project's scripts on a machine that the test describes.

The scripts run for real; what they ask of the machine is answered by executables on a PATH that
holds nothing else: the plain tools, and whatever the test puts beside or in place of them.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PLAIN_TOOLS = shlex.split(
    "awk bash cat chmod cp dirname env find flock getconf id ldd ln ls mkdir mktemp mv realpath"
    " rm rmdir sed sh sha256sum sleep sort tail timeout touch true uname"
)


@dataclass(frozen=True, slots=True)
class Checkout:
    """The copy, and the only folder on its PATH."""

    root: Path
    bin: Path

    @property
    def python(self) -> Path:
        """The Python of its .venv."""
        return self.root / ".venv" / "bin" / "python"

    def fake(self, name: str, body: str) -> Path:
        """Puts an executable of this name on PATH; it notes its arguments, then runs `body`."""
        return self.write(self.bin / name, f'echo "$*" >>{self.bin}/{name}.calls\n{body}')

    def write(self, path: Path, body: str) -> Path:
        """Writes an executable shell script."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # it may be a link to the machine's own tool
        path.write_text(f"#!/bin/bash\n{body}\n")
        path.chmod(0o755)
        return path

    def calls(self, name: str) -> list[str]:
        """The arguments of each call of the fake of this name."""
        noted = self.bin / f"{name}.calls"
        return noted.read_text().splitlines() if noted.exists() else []

    def edit(self, path: str, old: str, new: str) -> None:
        """Replaces text in this copy of a file."""
        file = self.root / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs a command in the copy, with this PATH and nothing inherited."""
        return subprocess.run(
            command,
            cwd=self.root,
            env={"PATH": str(self.bin), "HOME": str(self.root), "LC_ALL": "C.UTF-8"} | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def make_checkout(folder: Path) -> Checkout:
    """Copies the scripts into `folder` and gives them the plain tools and a Python."""
    root, tools = folder / "checkout", folder / "bin"
    root.mkdir()
    tools.mkdir()
    for name in ("scripts", ".ci"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (ROOT / "Makefile", ROOT / "pyproject.toml", *ROOT.glob("requirements*.lock")):
        shutil.copy(file, root)
    for tool in PLAIN_TOOLS:
        path = shutil.which(tool)
        if path is not None:
            (tools / tool).symlink_to(path)
    checkout = Checkout(root, tools)
    checkout.write(checkout.python, f'exec {os.fspath(sys.executable)} "$@"')
    return checkout

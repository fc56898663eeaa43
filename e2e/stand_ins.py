"""The tests' own slicers for a container: what the image does not ship, or what is broken."""

from __future__ import annotations

import shutil
from pathlib import Path

from e2e.containers import ROOT, Image

INSIDE = "/stand-ins"
OTHER = {"orca": "prusa", "prusa": "orca"}

_PROGRAM = """\
#!{python} -IS
import sys

sys.path.insert(0, {inside!r})
from tests.fakes.{engine}.main import main

main({behaviour!r})
"""


def install(folder: Path, image: Image) -> str:
    """Puts both stand-ins and a broken slicer into a folder; returns the option that mounts it."""
    shutil.copytree(
        ROOT / "tests" / "fakes",
        folder / "tests" / "fakes",
        ignore=shutil.ignore_patterns("__pycache__", "test_*", "fixtures"),
    )
    (folder / "good.json").write_text("{}")
    for engine in OTHER:
        program = folder / f"{engine}-slicer"
        program.write_text(
            _PROGRAM.format(
                python=image.python,
                inside=INSIDE,
                engine=engine,
                behaviour=f"{INSIDE}/good.json",
            )
        )
        program.chmod(0o755)
    broken = folder / "broken-slicer"
    broken.write_text("#!/bin/sh\necho 'error while loading shared libraries' >&2\nexit 127\n")
    broken.chmod(0o755)
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
    return f"--volume={folder}:{INSIDE}:ro"

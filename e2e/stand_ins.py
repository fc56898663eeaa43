"""The tests' own slicers for a container: what the image does not ship, or what is broken."""

from __future__ import annotations

from pathlib import Path

from e2e.containers import Image
from tests.harness.puppet import install as install_puppet

INSIDE = "/stand-ins"
OTHER = {"orca": "prusa", "prusa": "orca"}


def install(folder: Path, image: Image) -> str:
    """Puts both puppets and a broken slicer into a folder; returns the option that mounts it."""
    for engine in OTHER:
        install_puppet(folder / f"{engine}-slicer", {}, image.python)
    broken = folder / "broken-slicer"
    broken.write_text("#!/bin/sh\necho 'error while loading shared libraries' >&2\nexit 127\n")
    broken.chmod(0o755)
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
    return f"--volume={folder}:{INSIDE}:ro"

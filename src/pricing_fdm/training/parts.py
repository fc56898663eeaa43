"""The parts that labels are made of: a folder of models, or those of the generator."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from pricing_fdm.training.generator import generated_parts

MANIFEST = "manifest.json"

_SUFFIXES = {".stl", ".3mf", ".obj", ".step", ".stp"}


@dataclass(frozen=True, slots=True)
class TrainingPart:
    """A model file.

    Attributes:
        family: Parts of one family are like each other; errors are told of families that the fit
            has not seen.
    """

    path: Path
    family: str
    sha256: str


def parts_in(folder: Path) -> list[TrainingPart]:
    """The models of a folder and those below it.

    A `manifest.json` in it may name the family of each `file`. Without one, parts of one subfolder
    are a family, and a part that lies in the folder itself is its own.
    """
    families = _manifest(folder / MANIFEST)
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    return [_part(path, families.get(path.name) or _family(path, folder)) for path in paths]


def _family(path: Path, folder: Path) -> str:
    return path.stem if path.parent == folder else str(path.parent.relative_to(folder))


def generated_in(folder: Path, count: int) -> list[TrainingPart]:
    """The first parts of the generator, written to a folder."""
    parts = []
    for part in generated_parts(count):
        part.write(folder / part.name)
        parts.append(_part(folder / part.name, f"generated/{part.kind}"))
    return parts


def _manifest(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    return {entry["file"]: entry["family"] for entry in json.loads(path.read_text("utf-8"))}


def _part(path: Path, family: str) -> TrainingPart:
    with path.open("rb") as file:
        return TrainingPart(path, family, hashlib.file_digest(file, "sha256").hexdigest())

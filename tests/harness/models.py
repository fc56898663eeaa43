"""Models whose figures are known: the suite's own, and more where they lie beside the project.

Every test has its proof in the suite's own files. What lies beside is an addition, and this is the
only module that looks there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

_TESTS = Path(__file__).parents[1]
_OWN = _TESTS / "fixtures" / "models"
_BESIDE = _TESTS.parents[1] / "shared"

Known: TypeAlias = dict[str, Any]
"""What a manifest says of a model: its file, its figures, or how a bad one must be answered."""


def known(*suffixes: str, folder: str = "") -> list[tuple[Path, Known]]:
    """The models of these kinds, our own first; copies of them that lie beside are left out."""
    own = _listed(_OWN / folder, suffixes)
    copies = {entry["sha256"] for _, entry in own if "sha256" in entry}
    beside = _listed(_BESIDE / "models" / folder, suffixes)
    return own + [model for model in beside if model[1].get("sha256") not in copies]


def params(models: list[tuple[Path, Known]]) -> list[Any]:
    """Path and figures of each for `parametrize`."""
    return [pytest.param(path, entry, id=_name(path)) for path, entry in models]


def paths(models: list[tuple[Path, Known]]) -> list[Any]:
    """The paths alone for `parametrize`."""
    return [pytest.param(path, id=_name(path)) for path, _ in models]


def beside(folder: str, names: Iterable[str]) -> list[Path]:
    """Those of these files that lie beside the project."""
    return [path for name in names if (path := _BESIDE / folder / name).exists()]


def more_orca_samples() -> Path:
    """Where more of OrcaSlicer's output may lie."""
    return _BESIDE / "orca-samples"


def recorded_orca_runs() -> Path:
    """Where real printers' presets may lie, with what OrcaSlicer used when it was given them."""
    return _BESIDE / "real-presets" / "orca"


def _listed(folder: Path, suffixes: tuple[str, ...]) -> list[tuple[Path, Known]]:
    manifest = folder / "manifest.json"
    entries = json.loads(manifest.read_text()) if manifest.exists() else []
    return [
        ((folder / entry["file"]).resolve(), entry)
        for entry in entries
        if entry["file"].endswith(suffixes)
    ]


def _name(path: Path) -> str:
    return f"beside-{path.name}" if path.is_relative_to(_BESIDE.resolve()) else path.name

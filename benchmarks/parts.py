"""The parts that are measured: real ones where they lie beside the repository, and a made ball.

A clone has one real part. Where there is a folder of models beside it (`BENCH_PARTS`, by default
`../shared/models`), its STL files are taken, but for those that are named as too large.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.mesh.shapes import sphere

_ROOT = Path(__file__).parent.parent
_BUNDLED = _ROOT / "examples"
_BESIDE = _ROOT.parent / "shared" / "models"
_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_TRIANGLES_OF_RING = 4


@dataclass(frozen=True, slots=True)
class PartFile:
    """A model as a caller would send it."""

    name: str
    content: bytes

    @property
    def size_mb(self) -> float:
        """Megabytes of a million bytes."""
        return len(self.content) / 1e6


def real_parts() -> list[PartFile]:
    """The good STL files, by name."""
    folder = Path(os.environ.get("BENCH_PARTS", _BESIDE))
    paths = [path for path in sorted(folder.glob("*.stl")) if "too-large" not in path.name]
    return [PartFile(path.stem, path.read_bytes()) for path in paths or _BUNDLED.glob("*.stl")]


def ball(size_mb: float, radius_mm: float = 10.0) -> PartFile:
    """A ball as a binary STL of about that size."""
    triangles = size_mb * 1e6 / _RECORD.itemsize
    corners = sphere(round((triangles / _TRIANGLES_OF_RING) ** 0.5 + 0.5), radius_mm)
    records = np.zeros(len(corners), dtype=_RECORD)
    records["corners"] = corners
    content = bytes(80) + len(corners).to_bytes(4, "little") + records.tobytes()
    return PartFile(f"ball of {size_mb:g} MB", content)

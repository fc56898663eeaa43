"""Reads a 3MF through the stage's own choice of a reader, for the tests of its modules."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.mesh.triangles import Corners, Reading
from tests.mesh import shapes


def read(folder: Path, content: bytes | bytearray, limit: int = shapes.LIMIT) -> Reading:
    name, reading = read_model(shapes.saved(folder, bytes(content)), limit)
    assert name == "3mf"
    assert reading.unit_known
    return reading


def refusal(folder: Path, content: bytes | bytearray, limit: int = shapes.LIMIT) -> str:
    """What is said of a 3MF that is refused."""
    with pytest.raises(ModelInvalid) as caught:
        read(folder, content, limit)
    return caught.value.detail


def moved(corners: Corners, by: tuple[float, float, float]) -> Corners:
    return corners + np.array(by, dtype=np.float32)

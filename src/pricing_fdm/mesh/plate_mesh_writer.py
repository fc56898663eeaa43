"""Writes the mesh of a clean STL as XML; see `plate_mesh`.

Coordinates keep every digit of their float32, so that a copy has the shape of the STL.

Cost: O(n log n) in triangles; some 2 s for a million of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.plate_mesh import BEGIN, BETWEEN, END
from pricing_fdm.mesh.readers.stl_binary import PREFIX_BYTES, RECORD
from pricing_fdm.mesh.triangles import COLUMN_TRIANGLES, slices
from pricing_fdm.mesh.weld import weld

_VERTEX = '<vertex x="%.9g" y="%.9g" z="%.9g"/>'
_TRIANGLE = '<triangle v1="%d" v2="%d" v3="%d"/>'


def write_mesh(stl: BinaryIO, file: BinaryIO) -> None:
    """Writes the mesh of a clean STL into an empty file; the same STL gives the same bytes.

    Raises:
        OSError: The file cannot be written.
    """
    stl.seek(PREFIX_BYTES)
    mesh = weld(np.frombuffer(stl.read(), dtype=RECORD)["vectors"].astype(np.float32))
    file.write(BEGIN)
    file.writelines(_rows(_VERTEX, mesh.points))
    file.write(BETWEEN)
    file.writelines(_rows(_TRIANGLE, mesh.faces))
    file.write(END)


def _rows(element: str, rows: npt.NDArray[Any]) -> Iterator[bytes]:
    """One element for each row of three numbers, thousands at a time."""
    for part in slices(len(rows), COLUMN_TRIANGLES):
        some = rows[part]
        yield (element * len(some) % tuple(some.ravel().tolist())).encode()

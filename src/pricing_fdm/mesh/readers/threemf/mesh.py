"""Gathers the vertices and triangles of one object after the other, some thousands at a time.

Cost: O(n) in vertices and triangles.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pricing_fdm.mesh.readers.threemf.budget import Budget
from pricing_fdm.mesh.readers.threemf.extensions import CORE
from pricing_fdm.mesh.readers.threemf.faults import fault
from pricing_fdm.mesh.readers.threemf.numbers import columns, indices, reals
from pricing_fdm.mesh.readers.threemf.runs import Run
from pricing_fdm.mesh.readers.threemf.xml import Attributes, Element
from pricing_fdm.mesh.triangles import Faces, Ints, Reals

_BATCH = 4096
_XYZ = ("x", "y", "z")
_CORNERS = ("v1", "v2", "v3")
_VERTICES = Run("vertex", _XYZ)
_TRIANGLES = Run("triangle", _CORNERS)


class MeshBuilder:
    """The mesh that is being read.

    Args:
        budget: Pays for vertices, and says when triangles are too many to be kept.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._vertices: list[Reals] = []
        self._faces: list[Ints] = []

    def begin(self) -> None:
        """Starts with the next object."""
        self._vertices.clear()
        self._faces.clear()

    def finish(self) -> tuple[Reals, Faces]:
        """The mesh of this object, both (n, 3).

        Raises:
            ModelInvalid: A triangle has a corner that does not exist.
        """
        vertices = np.concatenate([np.empty(0), *self._vertices]).reshape(-1, 3)
        faces = np.concatenate([np.empty(0, np.int32), *self._faces]).reshape(-1, 3)
        self.begin()
        if faces.size and faces.max() >= len(vertices):
            raise fault("has a triangle with a corner that does not exist")
        return vertices, faces

    def vertices(self) -> Element:
        """The place of `<vertices>` in a document."""
        return _list_of("vertex", _XYZ, _VERTICES, self._add_vertices)

    def triangles(self) -> Element:
        """The place of `<triangles>` in a document."""
        return _list_of("triangle", _CORNERS, _TRIANGLES, self._add_triangles)

    def _add_vertices(self, texts: list[str]) -> None:
        self._budget.spend_vertices(len(texts) // 3)
        self._vertices.append(reals(texts))

    def _add_triangles(self, texts: list[str]) -> None:
        if self._budget.admit_triangles(len(texts) // 3):
            self._faces.append(indices(texts))
        else:
            self._faces.clear()


def _list_of(
    tag: str, names: tuple[str, str, str], pattern: Run, add: Callable[[list[str]], None]
) -> Element:
    """A list of elements with three numbers each, by expat or in runs past it."""
    rows: list[Attributes] = []

    def take(attributes: Attributes) -> None:
        rows.append(attributes)
        if len(rows) >= _BATCH:
            flush()

    def flush() -> None:
        if rows:
            add(columns(rows, names))
            rows.clear()

    def run(piece: bytes) -> bool:
        texts = pattern.values(piece)
        if texts:
            add(texts)
        return texts is not None

    return Element({f"{CORE} {tag}": Element(start=take)}, end=flush, run=run)

"""Reads the mesh of each object: vertices and triangles, some thousands at a time.

Long runs of like elements are read past expat, which is several times as fast:

    <vertex x="1" y="2" z="3"/> <vertex x="4" ...

Expat says at which byte it opened `<vertices>` or `<triangles>`; children of that element follow.
As long as these are whole, empty elements of the one name with the three attributes in order, expat
would only report them, so they can be kept from it. The text between the values is compared with
that pattern, each different one once. Anything else (a comment, another attribute, single quotes,
an entity) sends the piece and all after it to expat, so only expat decides what XML is.

Cost: O(n) in bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from pricing_fdm.mesh.readers.threemf.budget import Budget, fault
from pricing_fdm.mesh.readers.threemf.extensions import CORE
from pricing_fdm.mesh.readers.threemf.numbers import columns, indices, plain, reals
from pricing_fdm.mesh.readers.threemf.xml import Attributes, Element
from pricing_fdm.mesh.triangles import Faces, Ints, Reals

_BATCH = 4096
_S = "[ \t\r\n]"
_FIELDS = 3


class MeshBuilder:
    """Collects the mesh of one object after the other.

    Args:
        budget: Is charged for vertices, and says when triangles are too many to be kept.
        look: Takes triangles with all their attributes, as far as they have more than corners.
    """

    def __init__(self, budget: Budget, look: Callable[[list[Attributes]], None]) -> None:
        self._budget = budget
        self._look = look
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
        return _list_of("vertex", ("x", "y", "z"), self._add_vertices)

    def triangles(self) -> Element:
        """The place of `<triangles>` in a document."""
        return _list_of("triangle", ("v1", "v2", "v3"), self._add_triangles, self._look)

    def _add_vertices(self, texts: list[str]) -> None:
        self._budget.spend("vertices", len(texts) // 3)
        self._vertices.append(reals(texts))

    def _add_triangles(self, texts: list[str]) -> None:
        if self._budget.admit_triangles(len(texts) // 3):
            self._faces.append(indices(texts))
        else:
            self._faces.clear()


def _list_of(
    tag: str,
    names: tuple[str, str, str],
    add: Callable[[list[str]], None],
    look: Callable[[list[Attributes]], None] | None = None,
) -> Element:
    """The place of a list of elements with three numbers each, read by expat or in runs."""
    rows: list[Attributes] = []
    pattern = Run(tag, names)

    def take(attributes: Attributes) -> None:
        rows.append(attributes)
        if len(rows) >= _BATCH:
            flush()

    def flush() -> None:
        if rows:
            add(columns(rows, names))
            if look:
                look(rows)
            rows.clear()

    def run(piece: bytes) -> bool:
        texts = pattern.values(piece)
        if texts:
            add(texts)
        return texts is not None

    return Element({f"{CORE} {tag}": Element(start=take)}, end=flush, run=run)


class Run:
    """The pattern `<tag first="" second="" third=""/>`, repeated.

    Args:
        tag: The name of the elements.
        names: Of their attributes.
    """

    def __init__(self, tag: str, names: tuple[str, str, str]) -> None:
        first, second, third = (f"{name}{_S}*={_S}*" for name in names)
        self._end = re.compile(f"{_S}*/>")
        self._between = (
            re.compile(f"{_S}*/>{_S}*<{tag}{_S}+{first}"),
            re.compile(f"{_S}+{second}"),
            re.compile(f"{_S}+{third}"),
        )

    def values(self, piece: bytes) -> list[str] | None:
        """The attributes' values, element by element; None if the piece is anything else."""
        if not piece.isascii():
            return None
        # With an end in front, the first element looks like the others.
        *tokens, end = f"/>{piece.decode('ascii')}".split('"')
        if len(tokens) % (2 * _FIELDS) or not self._end.fullmatch(end):
            return None
        for place, pattern in enumerate(self._between):
            if not all(map(pattern.fullmatch, set(tokens[2 * place :: 2 * _FIELDS]))):
                return None
        values = tokens[1::2]
        return values if plain(values) else None

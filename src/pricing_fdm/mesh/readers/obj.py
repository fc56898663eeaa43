"""Reads the polygons of a Wavefront OBJ, strictly and in pieces.

    v x y z [w] [r g b]      a vertex; the first three numbers count
    f 1 2 3 4 / f 1/1/1 ...  a polygon over vertices by number; -1 is the last one so far

Texture, normals, groups, materials, lines, points and curves add no volume and are skipped. A file
with free-form surfaces is refused, since its polygons are not all of the part; so is any word that
the format does not have. No other file is ever opened. A polygon may name vertices that come after
it. Lines are split one by one; numbers are converted a piece at a time.

Cost: O(n) in bytes, and that of `polygons`.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import BinaryIO

import numpy as np

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.judgement import require_count
from pricing_fdm.mesh.readers.obj_lines import BOM, PADDING, logical_lines
from pricing_fdm.mesh.readers.polygons import Triangulator
from pricing_fdm.mesh.triangles import Corners, Faces, Ints, Points, Reading

_SKIPPED = frozenset(
    b"vt vn vp p l o g s mg mtllib usemtl usemap maplib bevel c_interp d_interp lod shadow_obj "
    b"trace_obj ctech stech cstype deg bmat step curv curv2 parm trim hole scrv sp end con "
    b"".replace(b"_", b"?").split()
)
_SURFACE = b"surf"

_POSITION = 3
_VERTEX_LENGTHS = frozenset({3, 4, 6, 7})
"""Numbers of a vertex: a position, perhaps a weight, perhaps a colour."""

_CORNERS_MIN = 3
_LEAST_VERTICES = 4
"""Of anything with a volume."""

_AFTER_NUMBER = re.compile(rb"(?<=\d)/[\d/-]*")
"""Texture and normal of a corner."""

_NUMBERS = re.compile(rb"(?:v|vt|vn|f)[ \t]+[-+.]?\d")
"""The words that tell an OBJ from a text that begins with one of the others."""


def claims(head: bytes, size: int) -> bool:
    """Whether the first line that decides has numbers; names and comments may go on for long."""
    is_whole = len(head) >= size
    text = head.removeprefix(BOM).rstrip(PADDING if is_whole else b"")
    if b"\0" in text or text.startswith(b"#!"):
        return False
    lines = [line.strip() for lines in logical_lines(BytesIO(text)) for line in lines]
    for line in filter(None, lines):
        if _NUMBERS.match(line):
            return True
        if line.split()[0] not in _SKIPPED:
            return False
    return not is_whole and bool(text.strip())


def read(file: BinaryIO, _size: int, max_triangles: int) -> Reading:
    """Reads all polygons and cuts them into triangles.

    Raises:
        ModelInvalid: Not as the grammar says, a vertex that is missing, free-form surfaces,
            without polygons or with too many.
    """
    text = _Text(max_triangles)
    for lines in logical_lines(file):
        text.take(lines)
    require_count(text.triangles, max_triangles)
    text.require_one_model()
    return Reading(text.corners())


class _Text:
    """The vertices and polygons of the lines so far."""

    def __init__(self, max_triangles: int) -> None:
        self.triangles = 0
        self._max_triangles = max_triangles
        self._max_vertices = _CORNERS_MIN * max_triangles
        self._vertices = 0
        self._highest = 0
        self._named_behind = 0
        self._points: list[Points] = []
        self._polygons: dict[int, list[Ints]] = {}

    def take(self, lines: list[bytes]) -> None:
        """Reads whole lines."""
        vertices: list[list[bytes]] = []
        polygons: dict[int, _Polygons] = {}
        for line in lines:
            # float() and int() would take the underscores of Python's own literals.
            words = line.replace(b"_", b"?").split()
            if not words or words[0] in _SKIPPED:
                continue
            if words[0] == b"v":
                vertices.append(words)
            elif words[0] == b"f":
                count = len(words) - 1
                if count not in polygons:
                    polygons[count] = _Polygons(count)
                polygons[count].add(words, self._vertices + len(vertices))
            else:
                self._refuse(words[0])
        self._take_vertices(vertices)
        for corners, found in polygons.items():
            self._take_polygons(corners, found)

    def corners(self) -> Corners:
        """The triangles of all polygons; those with fewer corners first, else in file order."""
        points = np.concatenate([np.empty((0, 3), dtype=np.float32), *self._points])
        triangulator = Triangulator(points)
        faces: list[Faces] = []
        for corners in sorted(self._polygons):
            polygons = np.concatenate(self._polygons.pop(corners))
            if int(polygons.max()) >= len(points):
                raise _missing_vertex()
            faces.append(triangulator.cut(polygons))
        return points.take(np.concatenate(faces), axis=0)

    def require_one_model(self) -> None:
        """Refuses two files joined into one: the faces of the second name vertices of the first.

        Raises:
            ModelInvalid: Faces stand behind the last vertices, and none of all uses these.
        """
        if self._named_behind == self._vertices >= self._highest + _LEAST_VERTICES:
            raise ModelInvalid(
                "The OBJ holds a second model behind the first: it goes on with vertices, and with "
                "faces that name those of the first. Send each as a file of its own."
            )

    def _take_vertices(self, vertices: list[list[bytes]]) -> None:
        before = self._vertices
        self._vertices += len(vertices)
        if self._vertices > self._max_vertices:
            raise ModelInvalid(
                f"The OBJ has more than {self._max_vertices:,} vertices, which is more than "
                f"{self._max_triangles:,} triangles could use. Export it with a coarser tolerance."
            )
        points = _positions(vertices)
        if points is None:
            fault = next(n for n, words in enumerate(vertices) if _positions([words]) is None)
            raise ModelInvalid(
                f"Vertex {before + fault + 1:,} of the OBJ is not written as three finite numbers, "
                "with at most a weight and a colour behind them. Repair the model and export it "
                "again."
            )
        self._points.append(points)

    def _take_polygons(self, corners: int, found: _Polygons) -> None:
        if corners < _CORNERS_MIN:
            raise ModelInvalid(
                "The OBJ has a face with fewer than three corners. Export the part again."
            )
        self.triangles += len(found) * (corners - 2)
        if self.triangles <= self._max_triangles:
            indices = found.indices(self._max_vertices)
            self._polygons.setdefault(corners, []).append(indices)
            self._highest = max(self._highest, int(indices.max()) + 1)
            self._named_behind = max(self._named_behind, found.last_seen)

    def _refuse(self, word: bytes) -> None:
        if word == _SURFACE:
            raise ModelInvalid(
                "The OBJ draws free-form surfaces, of which only polygons are read. Export the "
                "part as a polygon mesh."
            )
        raise ModelInvalid(
            "The file begins like an OBJ and goes on with something else: after "
            f"{self._vertices:,} vertices or more comes a line that begins with no word of that "
            "format. Export the part again."
        )


class _Polygons:
    """Polygons of one piece that have the same number of corners."""

    def __init__(self, corners: int) -> None:
        self._corners = corners
        self._words: list[bytes] = []
        self._seen: list[int] = []

    def __len__(self) -> int:
        return len(self._seen)

    @property
    def last_seen(self) -> int:
        """How many vertices came before the last of them."""
        return self._seen[-1]

    def add(self, words: list[bytes], seen: int) -> None:
        """Takes an `f` with its corners, and how many vertices came before it."""
        self._words += words[1:]
        self._seen.append(seen)

    def indices(self, vertices: int) -> Ints:
        """(k, corners), counted from zero, below the `vertices` that there may be at most."""
        text = b" ".join(self._words)
        if b"/" in text:
            text = _AFTER_NUMBER.sub(b"", text)
        words = text.split()
        try:
            numbers = np.fromiter(map(int, words), np.int64, len(words))
        except (ValueError, OverflowError):
            raise ModelInvalid(
                "A face of the OBJ is not written as numbers of vertices. Export the part again."
            ) from None
        numbers = numbers.reshape(-1, self._corners)
        from_end = np.array(self._seen, dtype=np.int64)[:, np.newaxis] + numbers
        numbers = np.where(numbers < 0, from_end, numbers - 1)
        if numbers.min() < 0 or numbers.max() >= vertices:
            raise _missing_vertex()
        return numbers.astype(np.int32)


def _positions(vertices: list[list[bytes]]) -> Points | None:
    """The first three numbers of each; None where they are something else."""
    if not _VERTEX_LENGTHS.issuperset({len(words) - 1 for words in vertices}):
        return None
    numbers = np.empty((len(vertices), _POSITION), dtype=np.float64)
    try:
        for axis in range(_POSITION):
            column = (float(words[axis + 1]) for words in vertices)
            numbers[:, axis] = np.fromiter(column, np.float64, len(vertices))
    except ValueError:
        return None
    with np.errstate(over="ignore"):
        points = numbers.astype(np.float32)
    return points if np.isfinite(points).all() else None


def _missing_vertex() -> ModelInvalid:
    return ModelInvalid(
        "A face of the OBJ names a vertex that the file does not have; they are numbered from 1, "
        "or from -1 backwards. Export the part again."
    )

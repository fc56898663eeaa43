"""What one 3MF may cost, over all of its parts together.

The limits follow from the number of triangles that is accepted, so that every honest file below
that number passes: slicers write about 90 bytes for a triangle and its half of a vertex, and a
file whose triangles share no vertex has three for each.

Cost: O(1).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pricing_fdm.mesh.readers.threemf.faults import fault

BYTES_PER_TRIANGLE = 160
VERTICES_PER_TRIANGLE = 3
ELEMENTS_PER_TRIANGLE = 8
"""A triangle, three vertices and a texture coordinate for each of them, and one to spare."""

MAX_PLACES = 50_000
"""Objects, components, items and volumes as written, and copies as they multiply."""

SPARE_BYTES = 16 * 1024 * 1024
SPARE_ELEMENTS = 100_000

_REMEDY = "Export the part with a coarser tolerance, and nothing but the part."


@dataclass(slots=True)
class Budget:
    """What is left to spend.

    Attributes:
        max_triangles: The most that a model may have.
        triangles: Seen so far, whether kept or not.
    """

    max_triangles: int
    triangles: int = 0
    _bytes: int = field(init=False)
    _elements: int = field(init=False)
    _vertices: int = field(init=False)
    _places: int = field(default=MAX_PLACES, init=False)

    def __post_init__(self) -> None:
        self._bytes = BYTES_PER_TRIANGLE * self.max_triangles + SPARE_BYTES
        self._elements = ELEMENTS_PER_TRIANGLE * self.max_triangles + SPARE_ELEMENTS
        self._vertices = VERTICES_PER_TRIANGLE * self.max_triangles + SPARE_ELEMENTS

    def spend_bytes(self, count: int) -> None:
        """Takes so many unpacked bytes.

        Raises:
            ModelInvalid: None left.
        """
        self._bytes -= count
        if self._bytes < 0:
            raise fault("unpacks to more than we read", _REMEDY)

    def spend_elements(self, count: int) -> None:
        """Takes so many XML elements, of those that expat reports.

        Raises:
            ModelInvalid: None left.
        """
        self._elements -= count
        if self._elements < 0:
            raise fault("holds more XML elements than we read", _REMEDY)

    def spend_vertices(self, count: int) -> None:
        """Takes so many vertices.

        Raises:
            ModelInvalid: None left.
        """
        self._vertices -= count
        if self._vertices < 0:
            raise fault("holds more vertices than we read", _REMEDY)

    def spend_places(self, count: int) -> None:
        """Takes so many objects, components, items or volumes.

        Raises:
            ModelInvalid: None left.
        """
        self._places -= count
        if self._places < 0:
            raise fault("holds more objects than we read", _REMEDY)

    def admit_triangles(self, count: int) -> bool:
        """Counts so many triangles; False when there are too many to keep any."""
        self.triangles += count
        return self.triangles <= self.max_triangles

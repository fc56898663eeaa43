"""Limits what one 3MF may cost, over all of its parts together, and words its refusals.

The limits follow from the number of triangles that is accepted, so that every honest file below
that number passes: slicers write about 90 bytes for a triangle and its half of a vertex, and a
file whose triangles share no vertex has three for each.

Cost: O(1).
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pricing_fdm.errors import ModelInvalid

Kind: TypeAlias = Literal["bytes", "elements", "vertices", "places"]

MAX_PLACES = 50_000
"""Objects, components, items and volumes as written, and copies as they multiply."""

LIMITS: dict[Kind, tuple[int, int, str]] = {
    "bytes": (160, 16 * 1024 * 1024, "unpacks to more than we read"),
    # A triangle, three vertices and a texture coordinate for each of them, and one to spare.
    "elements": (8, 100_000, "holds more XML elements than we read"),
    "vertices": (3, 100_000, "holds more vertices than we read"),
    "places": (0, MAX_PLACES, "holds more objects than we read"),
}
"""For each kind how many per accepted triangle, how many in addition, and the refusal.

Bytes are unpacked ones; elements are those that expat reports.
"""

_REMEDY = "Export the part with a coarser tolerance, and nothing but the part."


class Budget:
    """What is left to spend.

    Args:
        max_triangles: The most that a model may have.

    Attributes:
        triangles: Seen so far, whether kept or not.
    """

    def __init__(self, max_triangles: int) -> None:
        self.triangles = 0
        self._max_triangles = max_triangles
        self._left = {kind: each * max_triangles + more for kind, (each, more, _) in LIMITS.items()}

    def spend(self, kind: Kind, count: int = 1) -> None:
        """Takes so many of a kind.

        Raises:
            ModelInvalid: None left.
        """
        self._left[kind] -= count
        if self._left[kind] < 0:
            raise fault(LIMITS[kind][-1], _REMEDY)

    def admit_triangles(self, count: int) -> bool:
        """Counts triangles; False when there are too many to keep any."""
        self.triangles += count
        return self.triangles <= self._max_triangles


def fault(clause: str, remedy: str = "Export the part again.") -> ModelInvalid:
    """Builds the refusal of a 3MF: what it does wrong, from the verb on, and how to mend it.

    No clause repeats a name, a number or a text of the file, except counts that we made.
    """
    return ModelInvalid(f"The 3MF {clause}. {remedy}")

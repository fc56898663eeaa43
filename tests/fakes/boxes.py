"""Box meshes and STL writers for the tests of the stand-ins."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakes.stl import Point, Triangle

# Corner numbers of a box: bit 0 is x, bit 1 is y, bit 2 is z.
_FACES = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))


def box(x: float, y: float, z: float, at: Point = (0.0, 0.0, 0.0)) -> list[Triangle]:
    """Twelve outward facets; the first two are the bottom, the next two the top, then sides."""
    corners = [
        (at[0] + x * (n & 1), at[1] + y * (n >> 1 & 1), at[2] + z * (n >> 2)) for n in range(8)
    ]
    facets: list[Triangle] = []
    for a, b, c, d in _FACES:
        facets.append((corners[a], corners[b], corners[c]))
        facets.append((corners[a], corners[c], corners[d]))
    return facets


def table(top: float = 40.0, leg: float = 10.0, height: float = 20.0) -> list[Triangle]:
    """A plate on one leg, as two shells: the plate hangs over on all sides."""
    shift = (top - leg) / 2
    plate = box(top, top, 2, (0, 0, height))
    return box(leg, leg, height, (shift, shift, 0)) + plate


def binary_stl(facets: list[Triangle], attribute: int = 0xFFFF) -> bytes:
    """A binary file whose attributes make it known as one."""
    body = b"".join(struct.pack("<12fH", 0, 0, 0, *a, *b, *c, attribute) for a, b, c in facets)
    return bytes(80) + struct.pack("<I", len(facets)) + body


def ascii_stl(facets: list[Triangle], name: str = "box") -> bytes:
    """A text file."""
    lines = [f"solid {name}"]
    for facet in facets:
        lines += ["facet normal 0 0 0", "outer loop"]
        lines += [f"vertex {x} {y} {z}" for x, y, z in facet]
        lines += ["endloop", "endfacet"]
    return "\n".join([*lines, f"endsolid {name}", ""]).encode()

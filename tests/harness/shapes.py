"""Small parts with known figures, as the STL files that a customer would send."""

from __future__ import annotations

import struct

Corner = tuple[float, float, float]
Triangle = tuple[Corner, Corner, Corner]

_FACES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))


def box(x_mm: float, y_mm: float, z_mm: float, at: Corner = (0.0, 0.0, 0.0)) -> list[Triangle]:
    """A box with its lowest corner at `at`."""
    corners: list[Corner] = [
        (at[0] + x * x_mm, at[1] + y * y_mm, at[2] + z * z_mm)
        for x in (0, 1)
        for y in (0, 1)
        for z in (0, 1)
    ]
    triangles: list[Triangle] = []
    for a, b, c, d in _FACES:
        triangles += [
            (corners[a], corners[b], corners[c]),
            (corners[a], corners[c], corners[d]),
        ]
    return triangles


def tee(width_mm: float = 40, height_mm: float = 20) -> list[Triangle]:
    """A T: a plate on a thin stem, so that most of the plate hangs in the air.

    One closed body: a U-shaped outline, extruded along y.
    """
    stem, plate, depth = 8.0, 4.0, 20.0
    left, right = (width_mm - stem) / 2, (width_mm + stem) / 2
    under = height_mm - plate
    outline = [
        (left, 0.0),
        (right, 0.0),
        (right, under),
        (width_mm, under),
        (width_mm, height_mm),
        (0.0, height_mm),
        (0.0, under),
        (left, under),
    ]
    caps = [(0, 1, 2), (0, 2, 7), (6, 7, 5), (7, 2, 5), (2, 3, 4), (2, 4, 5)]
    front = [(x, 0.0, z) for x, z in outline]
    back = [(x, depth, z) for x, z in outline]
    triangles: list[Triangle] = []
    for a, b, c in caps:
        triangles += [(front[a], front[b], front[c]), (back[a], back[c], back[b])]
    for index in range(len(outline)):
        after = (index + 1) % len(outline)
        triangles += [
            (front[index], back[index], back[after]),
            (front[index], back[after], front[after]),
        ]
    return triangles


def binary_stl(triangles: list[Triangle], header: bytes = b"made by a test") -> bytes:
    """A binary STL; the normals are left to the reader, as many exporters do."""
    records = b"".join(struct.pack("<12fH", 0.0, 0.0, 0.0, *a, *b, *c, 0) for a, b, c in triangles)
    return header.ljust(80, b"\0") + struct.pack("<I", len(triangles)) + records


def ascii_stl(triangles: list[Triangle]) -> bytes:
    """An ASCII STL."""
    lines = ["solid part"]
    for triangle in triangles:
        lines += ["  facet normal 0 0 0", "    outer loop"]
        lines += [f"      vertex {x} {y} {z}" for x, y, z in triangle]
        lines += ["    endloop", "  endfacet"]
    return "\n".join([*lines, "endsolid part", ""]).encode()

"""Small parts with known figures, as the STL files that a customer would send."""

from __future__ import annotations

import struct

Corner = tuple[float, float, float]
Triangle = tuple[Corner, Corner, Corner]

# Corner numbers of a box: bit 0 is x, bit 1 is y, bit 2 is z.
_FACES = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))


def box(x_mm: float, y_mm: float, z_mm: float, at: Corner = (0.0, 0.0, 0.0)) -> list[Triangle]:
    """A box with its lowest corner at `at`: two triangles of the bottom, two of the top, sides."""
    corners: list[Corner] = [
        (at[0] + x_mm * (n & 1), at[1] + y_mm * (n >> 1 & 1), at[2] + z_mm * (n >> 2))
        for n in range(8)
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


def table(top_mm: float = 40, leg_mm: float = 10, height_mm: float = 20) -> list[Triangle]:
    """A plate on one leg, as two shells: the plate hangs over on all sides."""
    shift = (top_mm - leg_mm) / 2
    plate = box(top_mm, top_mm, 2, (0, 0, height_mm))
    return box(leg_mm, leg_mm, height_mm, (shift, shift, 0)) + plate


def binary_stl(
    triangles: list[Triangle], header: bytes = b"made by a test", attribute: int = 0
) -> bytes:
    """A binary STL; the normals are left to the reader, as many exporters do.

    OrcaSlicer knows it for binary only by an `attribute` with a byte above 127.
    """
    records = b"".join(
        struct.pack("<12fH", 0.0, 0.0, 0.0, *a, *b, *c, attribute) for a, b, c in triangles
    )
    return header.ljust(80, b"\0") + struct.pack("<I", len(triangles)) + records


def ascii_stl(triangles: list[Triangle], name: str = "part") -> bytes:
    """An ASCII STL."""
    lines = [f"solid {name}"]
    for triangle in triangles:
        lines += ["  facet normal 0 0 0", "    outer loop"]
        lines += [f"      vertex {x} {y} {z}" for x, y, z in triangle]
        lines += ["    endloop", "  endfacet"]
    return "\n".join([*lines, f"endsolid {name}", ""]).encode()

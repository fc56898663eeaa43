"""Solids made of triangles, and the two ways to write them down, without the code under test."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.model import BuildVolume

PRINTER = BuildVolume(200, 200, 200)
LIMIT = 1_000_000

_BOX_QUADS = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (1, 3, 7, 5), (3, 2, 6, 7), (2, 0, 4, 6))


def soup(triangles: npt.ArrayLike) -> Corners:
    return np.array(triangles, dtype=np.float32).reshape(-1, 3, 3)


def box(
    size: tuple[float, float, float], at: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> Corners:
    """Twelve triangles, two for each side: bottom, top, front, right, back, left."""
    x, y, z = size
    corners = np.array([[i, j, k] for k in (0, z) for j in (0, y) for i in (0, x)]) + at
    return soup(
        [corners[[quad[0], *quad[step : step + 2]]] for quad in _BOX_QUADS for step in (1, 2)]
    )


def cube(side: float = 20.0, at: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Corners:
    return box((side, side, side), at)


def tetrahedron(side: float = 2.0) -> Corners:
    """The smallest solid: four triangles."""
    points = np.array([[0, 0, 0], [side, 0, 0], [0, side, 0], [0, 0, side]])
    return soup(points[[0, 2, 1, 0, 1, 3, 1, 2, 3, 0, 3, 2]])


def open_cube(side: float = 20.0) -> Corners:
    """A cube without its top."""
    return np.delete(cube(side), [2, 3], axis=0)


def inside_out(corners: Corners) -> Corners:
    return corners[:, ::-1].copy()


def torus(around: int = 24, across: int = 12, large: float = 30.0, small: float = 8.0) -> Corners:
    return _grid(around, across, large, small, twist=0)


def klein_bottle(around: int = 24, across: int = 12) -> Corners:
    """Closed, every edge with two triangles, and without an inside."""
    return _grid(around, across, 30.0, 8.0, twist=1)


def sphere(rings: int = 16, radius: float = 10.0) -> Corners:
    """A closed ball of rings, with a fan at each pole."""
    polar = np.linspace(0, np.pi, rings + 1)[1:-1]
    angles = np.linspace(0, 2 * np.pi, 2 * rings, endpoint=False)
    p, a = np.meshgrid(polar, angles, indexing="ij")
    shell = radius * np.stack([np.sin(p) * np.cos(a), np.sin(p) * np.sin(a), np.cos(p)], axis=-1)
    following = np.roll(shell, -1, axis=1)
    north = np.broadcast_to([0, 0, radius], shell[0].shape)
    south = -north
    upper, lower = shell[:-1], shell[1:]
    upper_next, lower_next = following[:-1], following[1:]
    parts = [
        np.stack([upper, lower, upper_next], axis=-2).reshape(-1, 3, 3),
        np.stack([upper_next, lower, lower_next], axis=-2).reshape(-1, 3, 3),
        np.stack([north, shell[0], following[0]], axis=-2),
        np.stack([south, following[-1], shell[-1]], axis=-2),
    ]
    return soup(np.concatenate(parts))


def channel(depth: float = 20.0, *, front: bool = True) -> Corners:
    """A C-shaped profile of 700 mm2, 30 mm high, drawn along y; its front may be missing."""
    outline = [(0, 0), (30, 0), (30, 10), (10, 10), (10, 20), (30, 20), (30, 30), (0, 30)]
    near = np.array([(x, 0.0, z) for x, z in outline])
    far = near + np.array([0.0, depth, 0.0])
    sides = []
    for here in range(len(outline)):
        there = (here + 1) % len(outline)
        sides += [near[here], far[there], near[there], near[here], far[here], far[there]]
    flat = [0, 1, 2, 0, 2, 3, 0, 3, 4, 0, 4, 7, 4, 5, 6, 4, 6, 7]
    back = soup(far[flat])[:, ::-1]
    return np.concatenate([soup(sides), back, soup(near[flat])] if front else [soup(sides), back])


def cube_with_t_junctions(side: float = 20.0) -> Corners:
    """A cube whose right side has points in the middle of two edges that its neighbours lack."""
    half = side / 2
    a, b = (side, 0.0, 0.0), (side, side, 0.0)
    c, d = (side, side, side), (side, 0.0, side)
    left, right = (side, 0.0, half), (side, side, half)
    split = soup([a, b, right, a, right, left, left, right, c, left, c, d])
    return np.concatenate([np.delete(cube(side), [6, 7], axis=0), split])


def _grid(around: int, across: int, large: float, small: float, *, twist: int) -> Corners:
    """A tube bent to a ring; with a twist its end is turned over before it meets its start."""
    turn = np.arange(around) * 2 * np.pi / around
    tube = np.arange(across) * 2 * np.pi / across
    ring = large + small * np.cos(tube)
    points = np.stack(
        [
            np.cos(turn)[:, None] * ring,
            np.sin(turn)[:, None] * ring,
            np.broadcast_to(small * np.sin(tube), (around, across)),
        ],
        axis=-1,
    )
    mirrored = (-np.arange(across)) % across
    triangles = []
    for i in range(around):
        this, following = points[i], points[(i + 1) % around]
        if twist and i == around - 1:
            following = following[mirrored]
        for j in range(across):
            k = (j + 1) % across
            triangles += [this[j], following[j], following[k], this[j], following[k], this[k]]
    return soup(triangles)


def binary_stl(
    corners: Corners, header: bytes = b"", *, count: int | None = None, trailing: bytes = b""
) -> bytes:
    """A binary STL with zero normals; header, count and end as the test wants them."""
    records = b"".join(
        struct.pack("<12fH", 0.0, 0.0, 0.0, *triangle, 0)
        for triangle in corners.reshape(-1, 9).tolist()
    )
    prefix = header.ljust(80, b"\0") + struct.pack("<I", len(corners) if count is None else count)
    return prefix + records + trailing


def ascii_stl(corners: Corners, name: str = "part", end: str = "\n") -> bytes:
    """An ASCII STL as most programs write it."""
    lines = [f"solid {name}"]
    for triangle in corners.tolist():
        lines += ["  facet normal 0 0 1", "    outer loop"]
        lines += [f"      vertex {x!r} {y!r} {z!r}" for x, y, z in triangle]
        lines += ["    endloop", "  endfacet"]
    lines += [f"endsolid {name}", ""]
    return end.join(lines).encode()


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(content)
    return path

"""Solids that bring slow algorithms to their worst, by size; without the code under test."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.triangles import Corners
from tests.mesh import shapes
from tests.mesh.parts import prism, turned

_CUBE = shapes.cube(1.0)
_TETRAHEDRON = shapes.tetrahedron(1.0)


def copies(
    corners: Corners, places: npt.ArrayLike, sizes: npt.ArrayLike = (1.0, 1.0, 1.0)
) -> Corners:
    """A body at many places, (n, 3), stretched by sizes, (n, 3) or one for all."""
    at = np.asarray(places, dtype=np.float32)[:, np.newaxis, np.newaxis]
    scale = np.broadcast_to(np.asarray(sizes, dtype=np.float32), (len(at), 3))
    placed: Corners = corners * scale[:, np.newaxis, np.newaxis] + at
    return placed.reshape(-1, 3, 3)


def lattice(count: int, step: float) -> npt.NDArray[np.float32]:
    """Places in space, row by row."""
    side = int(np.ceil(count ** (1 / 3)))
    numbers = np.arange(count)
    places = np.stack([numbers % side, numbers // side % side, numbers // side**2], axis=1)
    return (places * step).astype(np.float32)


def many_bodies(count: int) -> Corners:
    """The smallest solid, so many times; their triangles are mixed."""
    corners = copies(_TETRAHEDRON, lattice(count, 3.0), (2.0, 2.0, 2.0))
    return corners[np.random.default_rng(1).permutation(len(corners))]


def hooks(hubs: int) -> Corners:
    """A strip with leaves, numbered so that a search which lets the last write win takes ages.

    The strip's triangles are the hubs. Of the leaves, on every second one, the labels alternate
    between the highest and the lowest left, so one pair of groups was joined in each round
    (`attacks/hook.py` of the break-in).
    """
    numbers = np.arange(hubs + 2)
    points = np.stack([0.1 * numbers, numbers % 2, 0.0 * numbers], axis=1).astype(np.float32)
    by_parity = np.concatenate([points[::2], points[1::2]])
    numbering = np.repeat(by_parity[:, np.newaxis], 3, axis=1)  # without area: it only numbers
    leaves = _alternating((hubs + 1) // 2)
    tips = points[2 * leaves] + np.array([0.1, -1.0, 0.5], dtype=np.float32)
    pinned = np.stack([points[2 * leaves], points[2 * leaves + 2], tips], axis=1)
    strip = np.stack([points[:-2], points[1:-1], points[2:]], axis=1)
    strip[1::2] = strip[1::2, [1, 0, 2]]
    opposed = shapes.soup([[0, 50, 0], [1, 50, 0], [0, 51, 0], [0, 50, 0], [1, 50, 0], [1, 51, 1]])
    return np.concatenate([numbering, pinned, strip, opposed])


def _alternating(leaves: int) -> npt.NDArray[np.intp]:
    """Leaf 0, then from the last leaf down the last and the first free place in turn."""
    places = np.zeros(leaves, dtype=np.intp)
    downward = np.arange(1, leaves)[::-1]
    highest, lowest = downward[::2], downward[1::2]
    places[highest] = np.arange(leaves - 1, leaves - 1 - len(highest), -1)
    places[lowest] = np.arange(1, 1 + len(lowest))
    return np.argsort(places)


def cavities_beside_bodies(count: int, cavities: int) -> Corners:
    """So many bodies, and bodies wound inside out that lie in none of them but one."""
    bodies = copies(_TETRAHEDRON, lattice(count, 3.0), (2.0, 2.0, 2.0))
    beyond = 3.0 * np.ceil(count ** (1 / 3)) + 10.0
    inverted = shapes.inside_out(
        copies(_TETRAHEDRON, beyond + lattice(cavities, 2.0), (1.0, 1.0, 1.0))
    )
    around = shapes.cube(30.0, (beyond - 1.0,) * 3)
    return np.concatenate([bodies, inverted, around])


def open_boxes(count: int) -> Corners:
    """Long bars side by side, each without its top: large flat holes with four corners."""
    places = np.stack([0 * np.arange(count), 4 * np.arange(count), 0 * np.arange(count)], axis=1)
    return copies(np.delete(_CUBE, [2, 3], axis=0), places, (50.0, 2.0, 1.0))


def open_tetrahedra(count: int) -> Corners:
    """The smallest solid without one side, so many times: holes of three edges."""
    return copies(_TETRAHEDRON[1:], lattice(count, 3.0), (2.0, 2.0, 2.0))


def cone(sides: int, *, closed: bool) -> Corners:
    """All its faces meet in one point; open below, its rim is one long loop."""
    angles = np.arange(sides) * 2 * np.pi / sides
    rim = np.stack([50 * np.cos(angles), 50 * np.sin(angles), 0 * angles], axis=1)
    onward, tip, foot = np.roll(rim, -1, axis=0), rim * 0 + [0, 0, 60], rim * 0
    side, bottom = np.stack([rim, onward, tip], axis=1), np.stack([foot, onward, rim], axis=1)
    return shapes.soup(np.concatenate([side, bottom]) if closed else side)


def sheet(cells: int) -> Corners:
    """All triangles in one plane, and each of them once more from behind."""
    side, (along_x, along_y, _) = math.isqrt(cells), np.eye(3)
    at = np.stack([*np.divmod(np.arange(side * side), side), np.zeros(side * side)], axis=1)
    front = np.concatenate(
        [
            np.stack([at, at + along_x, at + along_x + along_y], axis=1),
            np.stack([at, at + along_x + along_y, at + along_y], axis=1),
        ]
    )
    return shapes.soup(np.concatenate([front, front[:, ::-1]]))


def book(pages: int) -> Corners:
    """All triangles at one edge."""
    angles = np.arange(pages) * 2 * np.pi / pages
    tips = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    return shapes.soup(np.stack([tips * 0, tips * 0 + [0, 0, 1], tips], axis=1))


def crumbs(count: int, step_mm: float) -> Corners:
    """Loose triangles of which each begins a hair beside the one before: one long row of them."""
    at = np.stack([np.arange(count) * step_mm, np.zeros(count), np.zeros(count)], axis=1)
    _, along_y, along_z = np.eye(3)
    return shapes.soup(np.stack([at, at + along_y, at + along_z], axis=1))


def turned_at_random(cells: int) -> Corners:
    """A torus, half of whose triangles face the wrong way."""
    side = math.isqrt(cells // 2)
    corners = shapes.torus(side, side)
    wrong = np.random.default_rng(1).random(len(corners)) < 0.5
    corners[wrong] = corners[wrong][:, ::-1]
    return corners


def columns(count: int) -> Corners:
    """Bars side by side: every section has an outline of each, every scan line crosses many."""
    side = math.isqrt(count)
    at = np.stack([*np.divmod(np.arange(side * side), side), np.zeros(side * side)], axis=1)
    return copies(_CUBE, at * (150 / side), (75 / side, 75 / side, 100.0))


def shells(count: int) -> Corners:
    """Boxes around boxes, every second one a cavity: all boxes overlap."""
    sides = np.linspace(150.0, 1.0, count)[:, np.newaxis].repeat(3, axis=1)
    bodies = copies(_CUBE, -sides / 2, sides).reshape(count, 12, 3, 3)
    bodies[1::2] = bodies[1::2, :, ::-1]
    return bodies.reshape(-1, 3, 3)


def slanted_bars(count: int) -> Corners:
    """Bars that fit the bed only across, in a row that is much too long."""
    bar = turned(shapes.box((250.0, 0.5, 1.0)), 20.0)
    return copies(bar, np.stack([300.0 * np.arange(count), *np.zeros((2, count))], axis=1))


def slim_ring(sides: int) -> Corners:
    """Too long for the bed as it lies; nearly all points are corners of its outline from above."""
    angles = np.arange(sides) * 2 * np.pi / sides
    outline = np.stack([125.0 * np.cos(angles), 1.25 * np.sin(angles)], axis=1)
    return prism(outline, 3.0)


def voxels(count: int) -> Corners:
    """Cubes that fill a block; their common faces lie on each other."""
    return copies(_CUBE, lattice(count, 1.0))


def crossed_combs(slabs: int) -> Corners:
    """Slabs side by side, and as many across them: every one crosses every other."""
    at = np.linspace(0.0, 150.0, slabs)
    along = np.stack([at, 0 * at, 0 * at], axis=1)
    across = np.stack([0 * at, at, 0 * at + 0.5], axis=1)
    thick = 50.0 / slabs
    return np.concatenate(
        [copies(_CUBE, along, (thick, 150.0, 1.0)), copies(_CUBE, across, (150.0, thick, 1.0))]
    )


def fans_at_one_point(fans: int) -> Corners:
    """Triangles that meet in a point only, so that as many holes do."""
    angles = np.arange(2 * fans) * np.pi / fans
    rim = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1).reshape(fans, 2, 3)
    return shapes.soup(np.concatenate([np.zeros((fans, 1, 3)), rim], axis=1))


def bent_holes(count: int, lengths: int = 1) -> Corners:
    """Cones side by side, each open below along a rim of twelve or more edges, in no plane."""
    skins = []
    for at in range(count):
        skin = cone(12 + at % lengths, closed=False)
        skin[..., 2] += 10.0 * np.sin(np.arctan2(skin[..., 1], skin[..., 0]) * 3)
        skins.append(skin + np.array([120.0 * at, 0.0, 0.0], dtype=np.float32))
    return np.concatenate(skins)


def shaken(corners: Corners, by_mm: float = 0.002) -> Corners:
    """Each corner of each triangle moved for itself."""
    moves = np.random.default_rng(1).uniform(-by_mm, by_mm, corners.shape)
    return corners + moves.astype(np.float32)

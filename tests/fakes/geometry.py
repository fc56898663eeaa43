"""Measures and moves a triangle mesh, in plain Python so that a stand-in starts quickly.

Windings are made consistent before anything is summed, as the real slicers repair them on
import: inverted or single flipped facets change no figure. A hole does, when layers cross it.
Bodies that overlap are counted twice; the real slicers print their union.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from tests.fakes.stl import Point, Triangle

    _PointMap: TypeAlias = Callable[[Point], Point]
    _Edges: TypeAlias = dict[tuple[Point, Point], list[tuple[int, bool]]]

# Two z values nearer than this count as one height.
LEVEL_MM = 1e-4


class Box(NamedTuple):
    """An axis-aligned box, in millimetres."""

    low: Point
    high: Point

    @property
    def size(self) -> Point:
        """Edge lengths along x, y and z."""
        (x0, y0, z0), (x1, y1, z1) = self
        return x1 - x0, y1 - y0, z1 - z0


class Overhang(NamedTuple):
    """One facet that hangs in the air."""

    area_mm2: float  # projected onto the bed
    height_mm: float
    slope_degrees: float  # 0 is flat


class Solid(NamedTuple):
    """A part, its facets wound outwards.

    Attributes:
        facets: The triangles, in millimetres.
        box: Their bounds.
        volume_mm3: Enclosed volume.
        flat_mm2: Area that faces up, projected onto the bed; as much faces down.
        side_mm2: Of each facet what its upright share is, summed.
        lost: Share of the height (0 to 1) in which an open edge spoils the outlines.
    """

    facets: tuple[Triangle, ...]
    box: Box
    volume_mm3: float
    flat_mm2: float
    side_mm2: float
    lost: float

    def overhangs(self, degrees: float, above_mm: float) -> list[Overhang]:
        """Facets flatter than `degrees` that face down, higher than `above_mm`."""
        found = []
        for a, b, c in self.facets:
            nx, ny, nz = _normal(a, b, c)
            height = (a[2] + b[2] + c[2]) / 3
            slope = math.degrees(math.atan2(math.hypot(nx, ny), -nz))
            if nz < 0 and height > above_mm and slope < degrees:
                found.append(Overhang(-nz / 2, height, slope))
        return found


def solid_of(triangles: Sequence[Triangle]) -> Solid:
    """Winds the facets outwards and measures the part."""
    edges = _edges(triangles)
    facets = _wound_alike(triangles, edges)
    box = bounds(facets)
    volume = _volume(facets, box)
    if volume < 0:
        facets = [(c, b, a) for a, b, c in facets]
    side = top = bottom = 0.0
    for a, b, c in facets:
        nx, ny, nz = _normal(a, b, c)
        side += math.hypot(nx, ny) / 2
        top += max(nz, 0.0) / 2
        bottom += max(-nz, 0.0) / 2
    lost = _open_height(edges) / box.size[2] if box.size[2] else 0.0
    return Solid(tuple(facets), box, abs(volume), max(top, bottom), side, lost)


def bounds(triangles: Iterable[Triangle]) -> Box:
    """The smallest box around all corners."""
    xs, ys, zs = zip(*(point for triangle in triangles for point in triangle), strict=True)
    return Box((min(xs), min(ys), min(zs)), (max(xs), max(ys), max(zs)))


def moved(triangles: Iterable[Triangle], dx: float, dy: float, dz: float) -> list[Triangle]:
    """The mesh, shifted."""
    return mapped(triangles, lambda p: (p[0] + dx, p[1] + dy, p[2] + dz))


def turned(triangles: Iterable[Triangle], axis: int, degrees: float) -> list[Triangle]:
    """The mesh, turned about the x (0), y (1) or z (2) axis through the origin."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    first, second = (axis + 1) % 3, (axis + 2) % 3

    def turn(point: Point) -> Point:
        out = list(point)
        out[first] = point[first] * cos - point[second] * sin
        out[second] = point[first] * sin + point[second] * cos
        return out[0], out[1], out[2]

    return mapped(triangles, turn)


def mapped(triangles: Iterable[Triangle], change: _PointMap) -> list[Triangle]:
    """The mesh with `change` applied to each corner."""
    return [(change(a), change(b), change(c)) for a, b, c in triangles]


def _normal(a: Point, b: Point, c: Point) -> Point:
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    return uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx


def _volume(facets: Sequence[Triangle], box: Box) -> float:
    """Enclosed volume by the flux through upright facets: a missing top changes nothing."""
    mid_x, mid_y = (box.low[0] + box.high[0]) / 2, (box.low[1] + box.high[1]) / 2
    flux = 0.0
    for a, b, c in facets:
        nx, ny, _ = _normal(a, b, c)
        flux += ((a[0] + b[0] + c[0]) / 3 - mid_x) * nx + ((a[1] + b[1] + c[1]) / 3 - mid_y) * ny
    return flux / 4


def _edges(triangles: Sequence[Triangle]) -> _Edges:
    """Each undirected edge with the facets on it and whether they run it forwards."""
    edges: _Edges = {}
    for index, (a, b, c) in enumerate(triangles):
        for start, end in ((a, b), (b, c), (c, a)):
            forwards = start < end
            key = (start, end) if forwards else (end, start)
            edges.setdefault(key, []).append((index, forwards))
    return edges


def _wound_alike(triangles: Sequence[Triangle], edges: _Edges) -> list[Triangle]:
    """Each connected body wound one way: the way of most of its facets."""
    neighbours: dict[int, list[tuple[int, bool]]] = {}
    all_agree = True
    for users in edges.values():
        if len(users) == 2:
            (one, one_forwards), (two, two_forwards) = users
            agree = one_forwards != two_forwards
            all_agree = all_agree and agree
            neighbours.setdefault(one, []).append((two, agree))
            neighbours.setdefault(two, []).append((one, agree))
    if all_agree:
        return list(triangles)
    keep: dict[int, bool] = {}
    for seed in range(len(triangles)):
        if seed not in keep:
            body = _body(seed, neighbours)
            most = sum(body.values()) * 2 >= len(body)
            keep.update({index: same == most for index, same in body.items()})
    return [t if keep[i] else (t[2], t[1], t[0]) for i, t in enumerate(triangles)]


def _body(seed: int, neighbours: dict[int, list[tuple[int, bool]]]) -> dict[int, bool]:
    """All facets connected to `seed`, and whether they are wound as it is."""
    same = {seed: True}
    waiting = deque([seed])
    while waiting:
        here = waiting.popleft()
        for other, agree in neighbours.get(here, ()):
            if other not in same:
                same[other] = same[here] == agree
                waiting.append(other)
    return same


def _open_height(edges: _Edges) -> float:
    """Total height over which some upright open edge runs; a hole in a flat face has none."""
    spans = sorted(
        (min(start[2], end[2]), max(start[2], end[2]))
        for (start, end), users in edges.items()
        if len(users) == 1 and abs(start[2] - end[2]) > LEVEL_MM
    )
    total, reached = 0.0, -math.inf
    for low, high in spans:
        total += max(0.0, high - max(low, reached))
        reached = max(reached, high)
    return total

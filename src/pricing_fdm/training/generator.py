"""Parts to fit the estimate on, made by arithmetic: no file of anybody is needed.

Each kind is one function that draws its measures. The same number gives the same part, whatever
else is made; sizes are drawn evenly in their logarithm, as real parts are small more often than
large. Millimetres throughout.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from manifold3d import CrossSection, Manifold, OpType

from pricing_fdm.mesh.stl_writer import write_stl
from pricing_fdm.mesh.triangles import Mesh

SEED = 22

_LARGEST_MM = 170.0
_DOTS_OF_TEN = 5


@dataclass(frozen=True, slots=True)
class GeneratedPart:
    """A closed solid.

    Attributes:
        kind: Which function made it; the family of its labels.
    """

    kind: str
    number: int
    solid: Manifold

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.kind}-{self.number:04d}.stl"

    def write(self, path: Path) -> None:
        """As a binary STL."""
        with path.open("xb") as file:
            write_stl(mesh_of(self.solid), file, (0, 0, 0))


def mesh_of(solid: Manifold) -> Mesh:
    """The surface of a solid."""
    mesh = solid.to_mesh()
    points = np.asarray(mesh.vert_properties, dtype=np.float32)[:, :3]
    return Mesh(points, np.asarray(mesh.tri_verts, dtype=np.int32))


class Draw:
    """Measures drawn at random, the same for the same number."""

    def __init__(self, number: int) -> None:
        self._random = np.random.default_rng((SEED, number))

    def length(self, low: float, high: float) -> float:
        """Evenly distributed in its logarithm."""
        return float(np.exp(self._random.uniform(np.log(low), np.log(high))))

    def share(self, low: float = 0.0, high: float = 1.0) -> float:
        """Evenly distributed."""
        return float(self._random.uniform(low, high))

    def count(self, low: int, high: int) -> int:
        """From `low` to `high`."""
        return int(self._random.integers(low, high + 1))


def generated_parts(count: int) -> Iterator[GeneratedPart]:
    """The first `count` parts; the kinds take turns."""
    kinds = list(KINDS.items())
    for number in range(count):
        kind, make = kinds[number % len(kinds)]
        solid = make(Draw(number))
        largest = max(b - a for a, b in zip(*_corners(solid), strict=True))
        if largest > _LARGEST_MM:
            solid = solid.scale([_LARGEST_MM / largest] * 3)
        yield GeneratedPart(kind, number, solid)


def _corners(solid: Manifold) -> tuple[tuple[float, ...], tuple[float, ...]]:
    box = solid.bounding_box()
    return tuple(box[:3]), tuple(box[3:])


def _block(x: float, y: float, z: float) -> Manifold:
    return Manifold.cube([x, y, z])


def _pin(radius: float, height: float, segments: int = 48) -> Manifold:
    return Manifold.cylinder(height, radius, circular_segments=segments)


def _union(solids: list[Manifold]) -> Manifold:
    return Manifold.batch_boolean(solids, OpType.Add)


def _holes(draw: Draw, x: float, y: float, height: float) -> Manifold:
    """A grid of drills through a plate of x times y."""
    across, along = draw.count(1, 4), draw.count(1, 3)
    radius = min(draw.length(1, 6), x / across / 3, y / along / 3)
    drill = _pin(radius, height + 2).translate([0, 0, -1])
    return _union(
        [
            drill.translate([x * (i + 0.5) / across, y * (j + 0.5) / along, 0])
            for i in range(across)
            for j in range(along)
        ]
    )


def _plate(draw: Draw) -> Manifold:
    x, y, z = draw.length(10, 140), draw.length(10, 120), draw.length(1.2, 8)
    return _block(x, y, z) - _holes(draw, x, y, z)


def _solid(draw: Draw) -> Manifold:
    """A block with drills from above and from a side."""
    x, y, z = draw.length(8, 70), draw.length(8, 60), draw.length(6, 50)
    side = _holes(draw, x, z, y).rotate([90, 0, 0]).translate([0, y, 0])
    return _block(x, y, z) - _holes(draw, x, y, z) - side


def _enclosure(draw: Draw) -> Manifold:
    """A box without a lid, with screw posts in its corners."""
    x, y, z = draw.length(25, 130), draw.length(25, 110), draw.length(10, 60)
    wall, floor = draw.share(1.0, 3.2), draw.share(0.8, 3)
    shell = _block(x, y, z) - _block(x - 2 * wall, y - 2 * wall, z).translate([wall, wall, floor])
    post = _pin(3.2, z * 0.8) - _pin(1.3, z)
    inset = wall + 2.5
    corners = [(a, b) for a in (inset, x - inset) for b in (inset, y - inset)]
    return _union([shell, *(post.translate([a, b, 0]) for a, b in corners)])


def _bracket(draw: Draw) -> Manifold:
    """An angle with ribs and screw holes, lying or standing."""
    x, y, z, t = draw.length(15, 80), draw.length(12, 60), draw.length(12, 70), draw.share(2, 7)
    foot = _block(x, y, t) - _holes(draw, x, y, t)
    wall = (_block(x, z, t) - _holes(draw, x, z, t)).rotate([90, 0, 0]).translate([0, t, 0])
    rib = CrossSection([[(0, 0), (y * 0.8, 0), (0, z * 0.8)]]).extrude(draw.share(1.5, 4))
    ribs = [
        rib.rotate([90, 0, 90]).translate([x * share, 0, 0])
        for share in np.linspace(0.05, 0.85, draw.count(1, 3))
    ]
    return _union([foot, wall, *ribs]).rotate([draw.count(0, 1) * 90, 0, 0])


def _gear(draw: Draw) -> Manifold:
    teeth, radius, height = draw.count(8, 48), draw.length(6, 50), draw.length(3, 18)
    depth = 2 * radius / teeth
    angles = np.arange(4 * teeth) * (2 * np.pi / (4 * teeth))
    radii = radius + depth * np.tile([-0.5, 0.5, 0.5, -0.5], teeth)
    outline = np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])
    twist = draw.count(0, 1) * draw.share(5, 25)
    body = CrossSection([outline]).extrude(height, 8 if twist else 0, twist)
    hub = _pin(radius * 0.35, height * draw.share(1.0, 2.0))
    return body + hub - _pin(min(radius * 0.25, 4), 3 * height).translate([0, 0, -1])


def _tube(draw: Draw) -> Manifold:
    outer, height = draw.length(2.5, 45), draw.length(4, 110)
    inner = outer - min(draw.share(0.8, 6), outer * 0.7)
    flange = _pin(outer * draw.share(1.0, 1.6), min(3, height / 2), 64)
    return (_pin(outer, height, 96) + flange) - _pin(inner, height + 2, 96).translate([0, 0, -1])


def _lattice(draw: Draw) -> Manifold:
    """Struts along the three axes."""
    cell, strut = draw.length(5, 16), draw.share(1.2, 3)
    counts = [draw.count(2, 5) for _ in range(3)]
    sizes = [count * cell + strut for count in counts]
    struts = []
    for axis in range(3):
        size = [strut] * 3
        size[axis] = sizes[axis]
        first, second = (other for other in range(3) if other != axis)
        for i in range(counts[first] + 1):
            for j in range(counts[second] + 1):
                place = [0.0, 0.0, 0.0]
                place[first], place[second] = i * cell, j * cell
                struts.append(_block(*size).translate(place))
    return _union(struts)


def _vase(draw: Draw) -> Manifold:
    """A twisted, tapered prism, hollow but for its floor."""
    sides, radius, height = draw.count(3, 24), draw.length(10, 45), draw.length(15, 120)
    wall, taper = draw.share(0.8, 3), draw.share(0.6, 1.7)
    twist = draw.share(0, 120)

    def grown(by: float) -> Manifold:
        outline = CrossSection.circle(radius - by, sides)
        return outline.extrude(height, 24, twist, [taper, taper])

    return grown(0) - grown(wall).translate([0, 0, draw.share(0.8, 3)])


def _clip(draw: Draw) -> Manifold:
    """An open ring with two ears, upright or flat."""
    radius, width, wall = draw.length(3, 25), draw.length(4, 25), draw.share(1.5, 4)
    ring = _pin(radius + wall, width, 64) - _pin(radius, width + 2, 64).translate([0, 0, -1])
    gap = radius * draw.share(0.5, 1.2)
    opened = ring - _block(3 * radius, gap, width + 2).translate([0, -gap / 2, -1])
    ear = _block(radius + wall, wall, width).translate([radius * 0.9, 0, 0])
    ears = [ear.translate([0, y, 0]) for y in (gap / 2, -gap / 2 - wall)]
    return _union([opened, *ears]).rotate([draw.count(0, 1) * 90, 0, 0])


def _overhang(draw: Draw) -> Manifold:
    """A table, a mushroom or a leaning wall: what needs support or bridges."""
    x, y, z = draw.length(12, 70), draw.length(12, 60), draw.length(10, 60)
    top, leg = draw.share(1.5, 8), min(x, y) * draw.share(0.1, 0.3)
    kind = draw.count(0, 2)
    if kind == 0:
        legs = [_block(leg, leg, z) for _ in range(4)]
        places = [(0, 0), (x - leg, 0), (0, y - leg), (x - leg, y - leg)]
        stood = [part.translate([*at, 0]) for part, at in zip(legs, places, strict=True)]
        return _union([_block(x, y, top).translate([0, 0, z - 0.01]), *stood])
    if kind == 1:
        return _pin(leg, z) + _pin(x / 2, top, 64).translate([0, 0, z - 0.01])
    lean = draw.share(0.3, 1.5) * z
    profile = CrossSection([[(0, 0), (top + 3, 0), (lean + top + 3, z), (lean, z)]]).extrude(y)
    return profile.rotate([90, 0, 0]) + _block(lean / 2 + top + 3, y, 2).translate([0, -y, 0])


def _letters(draw: Draw) -> Manifold:
    """A plate with raised signs of small squares."""
    columns, rows, dot = draw.count(8, 30), draw.count(5, 9), draw.share(1.0, 3)
    floor, rise = draw.share(1, 3), draw.share(0.6, 2)
    base = _block((columns + 2) * dot, (rows + 2) * dot, floor)
    side = dot * 1.1  # they overlap a little: those that met at an edge would be no solid
    raised = _block(side, side, rise + 0.2).translate([0, 0, floor - 0.2])
    dots = [
        raised.translate([(i + 1) * dot, (j + 1) * dot, 0])
        for i in range(columns)
        for j in range(rows)
        if draw.count(0, 9) < _DOTS_OF_TEN
    ]
    return _union([base, *dots])


def _spacer(draw: Draw) -> Manifold:
    """The tiny ones: washers, pins and bushes."""
    radius, height = draw.length(1.5, 8), draw.length(1, 14)
    bore = _pin(radius * draw.share(0.2, 0.7), 3 * height).translate([0, 0, -height])
    tab = _block(radius * 2, radius, height * draw.share(0.2, 1)).translate([radius / 2, 0, 0])
    return _pin(radius, height) - bore + tab


def _rounded(draw: Draw) -> Manifold:
    """The hull of a few balls, whole or with a bore."""
    reach = draw.length(8, 55)
    balls = [
        Manifold.sphere(draw.share(0.1, 0.4) * reach, 40).translate(
            [draw.share() * reach, draw.share() * reach, draw.share() * reach / 2]
        )
        for _ in range(draw.count(2, 6))
    ]
    body = Manifold.batch_hull(balls)
    low, high = _corners(body)
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    bore = _pin(reach * 0.08, 4 * reach).translate([middle[0], middle[1], -2 * reach])
    flat = _block(6 * reach, 6 * reach, 6 * reach)  # cut flat, to stand
    cut = flat.translate([-3 * reach, -3 * reach, low[2] + draw.share(0.02, 0.3) * reach])
    return (body ^ cut) - bore if draw.count(0, 1) else body ^ cut


def _turned(draw: Draw) -> Manifold:
    """A profile turned about its axis: knobs, pulleys, bottles."""
    steps, height = draw.count(3, 9), draw.length(8, 90)
    heights = np.linspace(0, height, steps)
    radii = [draw.length(3, 40) for _ in heights]
    outline = [(0.0, 0.0), *zip(radii, heights, strict=True), (0.0, height)]
    body = CrossSection([outline]).revolve(72)
    return body - _pin(min(radii) * draw.share(0.2, 0.8), height * 3).translate([0, 0, -height])


def _honeycomb(draw: Draw) -> Manifold:
    """A panel of hexagonal holes."""
    cell, wall, height = draw.length(4, 14), draw.share(0.8, 2.5), draw.length(1.5, 20)
    columns, rows = draw.count(3, 8), draw.count(3, 7)
    across, along = cell + wall, (cell + wall) * 0.866
    drill = _pin(cell / 2 * 1.1547, height + 2, 6).rotate([0, 0, 30]).translate([0, 0, -1])
    drills = [
        drill.translate([(i + 0.5 * (j % 2) + 0.7) * across, (j + 0.7) * along, 0])
        for i in range(columns)
        for j in range(rows)
    ]
    size = [(columns + 1) * across, (rows + 0.5) * along, height]
    return _block(*size) - _union(drills)


def _hook(draw: Draw) -> Manifold:
    """A bent rod on a plate."""
    radius, thick = draw.length(8, 35), draw.share(2, 6)
    turns = np.radians(np.linspace(0, draw.share(120, 250), 14))
    balls = [
        Manifold.sphere(thick, 20).translate([radius * np.cos(a), 0, radius * np.sin(a)])
        for a in turns
    ]
    rod = [Manifold.batch_hull(pair) for pair in itertools.pairwise(balls)]
    width = draw.length(12, 40)
    plate = _block(4, width, width).translate([radius - 2, -width / 2, -width])
    return _union([*rod, plate])


def _overlapping(draw: Draw) -> Manifold:
    """Closed shells that lie in one another, as many CAD exports have them."""
    x, y, z = draw.length(15, 60), draw.length(15, 60), draw.length(4, 25)
    shells = [_block(x, y, z)]
    for _ in range(draw.count(1, 4)):
        pin = _pin(draw.length(2, 8), z + draw.length(2, 15))
        shells.append(pin.translate([x * draw.share(0.2, 0.8), y * draw.share(0.2, 0.8), z / 3]))
    return Manifold.compose(shells)


KINDS: dict[str, Callable[[Draw], Manifold]] = {
    "plate": _plate,
    "solid": _solid,
    "enclosure": _enclosure,
    "bracket": _bracket,
    "gear": _gear,
    "tube": _tube,
    "lattice": _lattice,
    "vase": _vase,
    "clip": _clip,
    "overhang": _overhang,
    "letters": _letters,
    "spacer": _spacer,
    "rounded": _rounded,
    "turned": _turned,
    "honeycomb": _honeycomb,
    "hook": _hook,
    "overlapping": _overlapping,
}
"""Every kind, by its name."""

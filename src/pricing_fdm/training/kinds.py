"""The kinds of generated parts: one function for each, which draws its measures.

A catalogue, so it is long. The order in which a function draws is part of its parts: whoever
changes it makes other parts, and the labels of a run that goes on are lost.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from manifold3d import CrossSection, Manifold

from pricing_fdm.training.drawing import Draw, block, copies, corners, grid, holes, pin, union

_DOTS_OF_TEN = 5


def plate(draw: Draw) -> Manifold:
    """A flat block with drills."""
    x, y, z = draw.length(10, 140), draw.length(10, 120), draw.length(1.2, 8)
    return block(x, y, z) - holes(draw, x, y, z)


def solid(draw: Draw) -> Manifold:
    """A block with drills from above and from a side."""
    x, y, z = draw.length(8, 70), draw.length(8, 60), draw.length(6, 50)
    side = holes(draw, x, z, y).rotate([90, 0, 0]).translate([0, y, 0])
    return block(x, y, z) - holes(draw, x, y, z) - side


def enclosure(draw: Draw) -> Manifold:
    """A box without a lid, with screw posts in its corners."""
    x, y, z = draw.length(25, 130), draw.length(25, 110), draw.length(10, 60)
    wall, floor = draw.share(1.0, 3.2), draw.share(0.8, 3)
    shell = block(x, y, z) - block(x - 2 * wall, y - 2 * wall, z).translate([wall, wall, floor])
    post = pin(3.2, z * 0.8) - pin(1.3, z)
    inset = wall + 2.5
    corners = [(a, b) for a in (inset, x - inset) for b in (inset, y - inset)]
    return union([shell, *copies(post, corners)])


def bracket(draw: Draw) -> Manifold:
    """An angle with ribs and screw holes, lying or standing."""
    x, y, z, t = draw.length(15, 80), draw.length(12, 60), draw.length(12, 70), draw.share(2, 7)
    foot = block(x, y, t) - holes(draw, x, y, t)
    wall = (block(x, z, t) - holes(draw, x, z, t)).rotate([90, 0, 0]).translate([0, t, 0])
    rib = CrossSection([[(0, 0), (y * 0.8, 0), (0, z * 0.8)]]).extrude(draw.share(1.5, 4))
    ribs = [
        rib.rotate([90, 0, 90]).translate([x * share, 0, 0])
        for share in np.linspace(0.05, 0.85, draw.count(1, 3))
    ]
    return union([foot, wall, *ribs]).rotate([draw.count(0, 1) * 90, 0, 0])


def gear(draw: Draw) -> Manifold:
    """A gear with a hub, straight or helical."""
    teeth, radius, height = draw.count(8, 48), draw.length(6, 50), draw.length(3, 18)
    depth = 2 * radius / teeth
    angles = np.arange(4 * teeth) * (2 * np.pi / (4 * teeth))
    radii = radius + depth * np.tile([-0.5, 0.5, 0.5, -0.5], teeth)
    outline = np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])
    twist = draw.count(0, 1) * draw.share(5, 25)
    body = CrossSection([outline]).extrude(height, 8 if twist else 0, twist)
    hub = pin(radius * 0.35, height * draw.share(1.0, 2.0))
    return body + hub - pin(min(radius * 0.25, 4), 3 * height).translate([0, 0, -1])


def tube(draw: Draw) -> Manifold:
    """A pipe with a flange."""
    outer, height = draw.length(2.5, 45), draw.length(4, 110)
    inner = outer - min(draw.share(0.8, 6), outer * 0.7)
    flange = pin(outer * draw.share(1.0, 1.6), min(3, height / 2), 64)
    return (pin(outer, height, 96) + flange) - pin(inner, height + 2, 96).translate([0, 0, -1])


def lattice(draw: Draw) -> Manifold:
    """Struts along the three axes."""
    cell, strut = draw.length(5, 16), draw.share(1.2, 3)
    counts = [draw.count(2, 5) for _ in range(3)]
    sizes = [count * cell + strut for count in counts]
    struts = []
    for axis in range(3):
        size = [strut] * 3
        size[axis] = sizes[axis]
        first, second = (other for other in range(3) if other != axis)
        for i, j in grid(counts[first] + 1, counts[second] + 1):
            place = [0.0, 0.0, 0.0]
            place[first], place[second] = i * cell, j * cell
            struts.append(block(*size).translate(place))
    return union(struts)


def vase(draw: Draw) -> Manifold:
    """A twisted, tapered prism, hollow but for its floor."""
    sides, radius, height = draw.count(3, 24), draw.length(10, 45), draw.length(15, 120)
    wall, taper = draw.share(0.8, 3), draw.share(0.6, 1.7)
    twist = draw.share(0, 120)

    def grown(by: float) -> Manifold:
        outline = CrossSection.circle(radius - by, sides)
        return outline.extrude(height, 24, twist, [taper, taper])

    return grown(0) - grown(wall).translate([0, 0, draw.share(0.8, 3)])


def clip(draw: Draw) -> Manifold:
    """An open ring with two ears, upright or flat."""
    radius, width, wall = draw.length(3, 25), draw.length(4, 25), draw.share(1.5, 4)
    ring = pin(radius + wall, width, 64) - pin(radius, width + 2, 64).translate([0, 0, -1])
    gap = radius * draw.share(0.5, 1.2)
    opened = ring - block(3 * radius, gap, width + 2).translate([0, -gap / 2, -1])
    ear = block(radius + wall, wall, width).translate([radius * 0.9, 0, 0])
    ears = copies(ear, [(0, gap / 2), (0, -gap / 2 - wall)])
    return union([opened, *ears]).rotate([draw.count(0, 1) * 90, 0, 0])


def overhang(draw: Draw) -> Manifold:
    """A table, a mushroom or a leaning wall: what needs support or bridges."""
    x, y, z = draw.length(12, 70), draw.length(12, 60), draw.length(10, 60)
    top, leg = draw.share(1.5, 8), min(x, y) * draw.share(0.1, 0.3)
    kind = draw.count(0, 2)
    if kind == 0:
        places = [(0, 0), (x - leg, 0), (0, y - leg), (x - leg, y - leg)]
        legs = copies(block(leg, leg, z), places)
        return union([block(x, y, top).translate([0, 0, z - 0.01]), *legs])
    if kind == 1:
        return pin(leg, z) + pin(x / 2, top, 64).translate([0, 0, z - 0.01])
    lean = draw.share(0.3, 1.5) * z
    profile = CrossSection([[(0, 0), (top + 3, 0), (lean + top + 3, z), (lean, z)]]).extrude(y)
    return profile.rotate([90, 0, 0]) + block(lean / 2 + top + 3, y, 2).translate([0, -y, 0])


def letters(draw: Draw) -> Manifold:
    """A plate with raised signs of small squares."""
    columns, rows, dot = draw.count(8, 30), draw.count(5, 9), draw.share(1.0, 3)
    floor, rise = draw.share(1, 3), draw.share(0.6, 2)
    base = block((columns + 2) * dot, (rows + 2) * dot, floor)
    side = dot * 1.1  # they overlap a little: those that met at an edge would be no solid
    raised = block(side, side, rise + 0.2).translate([0, 0, floor - 0.2])
    dots = [
        ((i + 1) * dot, (j + 1) * dot)
        for i, j in grid(columns, rows)
        if draw.count(0, 9) < _DOTS_OF_TEN
    ]
    return union([base, *copies(raised, dots)])


def spacer(draw: Draw) -> Manifold:
    """The tiny ones: washers, pins and bushes."""
    radius, height = draw.length(1.5, 8), draw.length(1, 14)
    bore = pin(radius * draw.share(0.2, 0.7), 3 * height).translate([0, 0, -height])
    tab = block(radius * 2, radius, height * draw.share(0.2, 1)).translate([radius / 2, 0, 0])
    return pin(radius, height) - bore + tab


def rounded(draw: Draw) -> Manifold:
    """The hull of a few balls, whole or with a bore."""
    reach = draw.length(8, 55)
    balls = [
        Manifold.sphere(draw.share(0.1, 0.4) * reach, 40).translate(
            [draw.share() * reach, draw.share() * reach, draw.share() * reach / 2]
        )
        for _ in range(draw.count(2, 6))
    ]
    body = Manifold.batch_hull(balls)
    low, high = corners(body)
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    bore = pin(reach * 0.08, 4 * reach).translate([middle[0], middle[1], -2 * reach])
    flat = block(6 * reach, 6 * reach, 6 * reach)  # cut flat, to stand
    cut = flat.translate([-3 * reach, -3 * reach, low[2] + draw.share(0.02, 0.3) * reach])
    return (body ^ cut) - bore if draw.count(0, 1) else body ^ cut


def turned(draw: Draw) -> Manifold:
    """A profile turned about its axis: knobs, pulleys, bottles."""
    steps, height = draw.count(3, 9), draw.length(8, 90)
    heights = np.linspace(0, height, steps)
    radii = [draw.length(3, 40) for _ in heights]
    outline = [(0.0, 0.0), *zip(radii, heights, strict=True), (0.0, height)]
    body = CrossSection([outline]).revolve(72)
    return body - pin(min(radii) * draw.share(0.2, 0.8), height * 3).translate([0, 0, -height])


def honeycomb(draw: Draw) -> Manifold:
    """A panel of hexagonal holes."""
    cell, wall, height = draw.length(4, 14), draw.share(0.8, 2.5), draw.length(1.5, 20)
    columns, rows = draw.count(3, 8), draw.count(3, 7)
    across, along = cell + wall, (cell + wall) * 0.866
    drill = pin(cell / 2 * 1.1547, height + 2, 6).rotate([0, 0, 30]).translate([0, 0, -1])
    places = [
        ((i + 0.5 * (j % 2) + 0.7) * across, (j + 0.7) * along) for i, j in grid(columns, rows)
    ]
    size = [(columns + 1) * across, (rows + 0.5) * along, height]
    return block(*size) - union(copies(drill, places))


def hook(draw: Draw) -> Manifold:
    """A bent rod on a plate."""
    radius, thick = draw.length(8, 35), draw.share(2, 6)
    turns = np.radians(np.linspace(0, draw.share(120, 250), 14))
    balls = [
        Manifold.sphere(thick, 20).translate([radius * np.cos(a), 0, radius * np.sin(a)])
        for a in turns
    ]
    rod = [Manifold.batch_hull(pair) for pair in itertools.pairwise(balls)]
    width = draw.length(12, 40)
    plate = block(4, width, width).translate([radius - 2, -width / 2, -width])
    return union([*rod, plate])


def overlapping(draw: Draw) -> Manifold:
    """Closed shells that lie in one another, as many CAD exports have them."""
    x, y, z = draw.length(15, 60), draw.length(15, 60), draw.length(4, 25)
    shells = [block(x, y, z)]
    for _ in range(draw.count(1, 4)):
        post = pin(draw.length(2, 8), z + draw.length(2, 15))
        shells.append(post.translate([x * draw.share(0.2, 0.8), y * draw.share(0.2, 0.8), z / 3]))
    return Manifold.compose(shells)


KINDS: dict[str, Callable[[Draw], Manifold]] = {
    make.__name__: make
    for make in (
        *(plate, solid, enclosure, bracket, gear, tube, lattice, vase, clip, overhang, letters),
        *(spacer, rounded, turned, honeycomb, hook, overlapping),
    )
}
"""Every kind, by its name."""

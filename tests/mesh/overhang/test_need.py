"""Which parts need support, and which an experienced operator would print without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from manifold3d import Manifold

from pricing_fdm.mesh.inspect import judge_model
from pricing_fdm.mesh.overhang.need import needs_support
from pricing_fdm.model import BuildVolume
from tests.harness.models import Known, known, params
from tests.mesh.overhang.shapes import LAYER_MM, block, lying_hole, mesh_of, wall


def plate() -> Manifold:
    return block(60, 20, 3)


SELF_SUPPORTING: dict[str, Callable[[], Manifold]] = {
    "a block": lambda: block(20, 20, 20),
    "a bridge of 30 mm": lambda: block(40, 10, 20) - block(30, 20, 10, (5, -5, 0)),
    "a bridge of 30 mm under a window": lambda: block(40, 10, 30) - block(30, 20, 10, (5, -5, 10)),
    "a lying hole of 30 mm": lambda: lying_hole(30),
    "a ledge of 1.5 mm all around": lambda: block(20, 20, 5) + block(23, 23, 5, (-1.5, -1.5, 5)),
    "a wall that leans by 45 degrees": lambda: wall([(0, 0), (10, 0), (40, 30), (30, 30)], 20),
    "a chamfered shelf": lambda: wall([(0, 0), (10, 0), (10, 10), (30, 30), (30, 35), (0, 35)], 20),
    "a dimpled ceiling": lambda: (
        block(40, 10, 20)
        - (block(20, 20, 10, (10, -5, 0)) - Manifold.cube([0.4, 0.4, 2]).translate([20, 5, 9.95]))
    ),
    "a short tooth in a doorway": lambda: (
        (block(40, 10, 30) - block(20, 20, 20, (10, -5, 0))) + block(2, 2, 2.5, (19, 4, 18))
    ),
}
IN_NEED: dict[str, Callable[[], Manifold]] = {
    "a plate on a post": lambda: block(60, 60, 4, (0, 0, 30)) + block(10, 10, 31, (25, 25, 0)),
    "a shelf of 12 mm": lambda: block(10, 20, 30) + block(12, 20, 4, (9.99, 0, 20)),
    "a wall that leans by 70 degrees": lambda: wall([(0, 0), (10, 0), (65, 20), (55, 20)], 20),
    "a lying hole of 60 mm": lambda: lying_hole(60),
    "a ball": lambda: Manifold.sphere(20, 128).translate([0, 0, 20]),
    "a tooth that hangs from a lintel": lambda: (
        (block(40, 10, 30) - block(20, 20, 20, (10, -5, 0))) + block(2, 2, 12, (19, 4, 9))
    ),
    "a piece of its own in the air": lambda: plate() + block(4, 4, 4, (10, 10, 20)),
}


@pytest.mark.parametrize("build", SELF_SUPPORTING.values(), ids=SELF_SUPPORTING)
def test_what_lines_can_carry_is_printed_without_support(build: Callable[[], Manifold]) -> None:
    assert not needs_support(*mesh_of(build()), LAYER_MM)


@pytest.mark.parametrize("build", IN_NEED.values(), ids=IN_NEED)
def test_what_would_fall_is_supported(build: Callable[[], Manifold]) -> None:
    assert needs_support(*mesh_of(build()), LAYER_MM)


def test_a_body_that_stands_in_another_is_held_by_it() -> None:
    """A peg that overlaps its plate: its underside is inside the plate."""
    peg = block(20, 15, 20, (10, 2, 1))
    assert not needs_support(*mesh_of(plate(), peg), LAYER_MM)


def test_a_body_that_floats_over_another_is_not() -> None:
    floating = block(20, 15, 20, (10, 2, 8))
    assert needs_support(*mesh_of(plate(), floating), LAYER_MM)


def test_where_the_part_lies_does_not_matter() -> None:
    """STL files have their origin anywhere, also far below the part."""
    bridge = SELF_SUPPORTING["a bridge of 30 mm"]().translate([1000, -500, -80])
    shelf = IN_NEED["a plate on a post"]().translate([1000, -500, -80])
    assert not needs_support(*mesh_of(bridge), LAYER_MM)
    assert needs_support(*mesh_of(shelf), LAYER_MM)


# What their designers say of the parts as they lie in their files, and what is plain to see.
SUPPORT_OF_REAL_PARTS = {
    "3dbenchy.3mf": False,
    "voron-design-cube.stl": False,
    "voron-exhaust-filter-housing.stl": False,
    "voron-tensioner-knob-threaded.stl": False,
    "prusa-x-end-motor-ascii.stl": False,
    "prusa-spool-holder.stl": False,
    "openflexure-tall-tube-ascii.stl": False,
    "tall-tube-ascii.stl": False,
    "three-gears-ascii.stl": False,
    "long-holder.stl": False,
    "orca-cube-project.3mf": False,
    "dactyl-wrist-rest.stl": True,
    "overhang-wave.stl": True,
    "overhang-test-double.stl": True,
    "moveo-pulley-solid-header.stl": True,
    "wheel-solid-header.stl": True,
    "ultracortex-headset-small-front.stl": True,
    "extruder-idler-quads.obj": True,
    "mini-porron.stl": True,
}


@pytest.mark.parametrize(
    ("path", "entry"),
    params([m for m in known("stl", "obj", "3mf") if m[1]["file"] in SUPPORT_OF_REAL_PARTS]),
)
def test_real_parts_get_support_as_an_operator_would_say(path: Path, entry: Known) -> None:
    judged = judge_model(path, BuildVolume(300, 300, 300), max_triangles=1_000_000)
    needed = needs_support(judged.mesh, judged.body_of_face, LAYER_MM)
    assert needed is SUPPORT_OF_REAL_PARTS[entry["file"]]

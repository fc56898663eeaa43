"""No algorithm of the stage takes much more than eight times as long for eight times the input.

Each one gets the input that is worst for it. A slow computation in one thread is a place in the
queue that a stranger takes with a small file (issue 16, 2).
"""

from __future__ import annotations

import ast
import io
import math
import re
from pathlib import Path

import numpy as np
import pytest

from pricing_fdm import mesh as stage
from pricing_fdm.errors import ModelExceedsBuildVolume
from pricing_fdm.estimate.features import Sections
from pricing_fdm.mesh.bodies import boxes_of_bodies, pieces_of
from pricing_fdm.mesh.components import components
from pricing_fdm.mesh.edges import Edges, survey
from pricing_fdm.mesh.gaps import join_gaps
from pricing_fdm.mesh.holes import close_holes
from pricing_fdm.mesh.measure import Measures, box_of, measure
from pricing_fdm.mesh.orientation.choice import best_rotation
from pricing_fdm.mesh.placing.fit import Placement, place
from pricing_fdm.mesh.placing.plate import pack
from pricing_fdm.mesh.repair import make_solid
from pricing_fdm.mesh.rims import simple_loops
from pricing_fdm.mesh.sectioning.measure import measure as measure_sections
from pricing_fdm.mesh.shape.judge import Shape, judge_shape
from pricing_fdm.mesh.solids import body_of_each_face
from pricing_fdm.mesh.stl_writer import write_stl
from pricing_fdm.mesh.triangles import Corners, Ints, Mesh
from pricing_fdm.mesh.twins import without_twins
from pricing_fdm.mesh.union import unite
from pricing_fdm.mesh.weld import weld, weld_near, without_duplicates
from pricing_fdm.mesh.winding import agreed, inside_out
from pricing_fdm.model import Rotation
from tests.mesh import hostile
from tests.mesh.doubling import MOST, Case, growth
from tests.mesh.parts import standing
from tests.mesh.sectioning.test_measure import PLAN
from tests.mesh.shapes import PRINTER


def surveyed(corners: Corners) -> tuple[Mesh, Edges]:
    mesh = weld(corners)
    return mesh, survey(mesh.faces)


def measured(corners: Corners) -> tuple[Mesh, Ints, Measures]:
    """A mesh, the body of each of its faces, and what the bodies add up to."""
    mesh, body_of_face = standing(corners)
    return mesh, body_of_face, volumes_of_bodies((mesh, body_of_face))


def sectioned(given: tuple[Mesh, Ints]) -> Sections:
    return measure_sections(given[0], PLAN)


def joined_near(given: tuple[Mesh, Edges]) -> Mesh:
    mesh, edges = given
    return weld_near(mesh, edges.rim_points(), 0.001)


def volumes_of_bodies(given: tuple[Mesh, Ints]) -> Measures:
    mesh, body_of_face = given
    return measure(mesh, box_of(mesh.points), body_of_face, int(body_of_face.max()) + 1)


def judged(given: tuple[Mesh, Ints]) -> Shape:
    return judge_shape(*given, line_width_mm=0.42)


def placed(given: tuple[Mesh, Ints]) -> Placement | None:
    try:
        return place(*given, PRINTER)
    except ModelExceedsBuildVolume:
        return None


def posed(given: tuple[Mesh, Ints, Measures]) -> Rotation:
    mesh, _, measures = given
    return best_rotation(mesh, measures, PRINTER, 0.2)


CASES = {
    "components-hooked-one-by-one": Case(
        lambda size: surveyed(hostile.hooks(size)),
        lambda given: components(len(given[0].faces), given[1].left, given[1].right),
        2000,
    ),
    "neighbours-made-to-agree": Case(
        lambda size: surveyed(hostile.hooks(size)), lambda given: agreed(*given), 1000
    ),
    "cavities-beside-many-bodies": Case(
        lambda size: measured(hostile.cavities_beside_bodies(20 * size, size)),
        lambda given: inside_out(given[2].volumes_mm3, given[0], given[1]),
        120,
    ),
    "wedges-at-edges-of-voxels": Case(
        lambda size: surveyed(hostile.voxels(size)), lambda given: body_of_each_face(*given), 500
    ),
    "wedges-at-one-edge": Case(
        lambda size: surveyed(hostile.book(size)), lambda given: body_of_each_face(*given), 2000
    ),
    "triangles-back-to-back": Case(lambda size: weld(hostile.voxels(size)), without_twins, 500),
    "union-of-voxels": Case(
        lambda size: measured(hostile.voxels(size)),
        lambda given: unite(given[0], given[1], given[2].volumes_mm3),
        120,
    ),
    "union-of-combs": Case(
        lambda size: measured(hostile.crossed_combs(size)),
        lambda given: unite(given[0], given[1], given[2].volumes_mm3),
        500,
    ),
    "holes-of-three-edges": Case(
        lambda size: surveyed(hostile.open_tetrahedra(size)), lambda given: close_holes(*given), 500
    ),
    "large-flat-holes": Case(
        lambda size: surveyed(hostile.open_boxes(size)), lambda given: close_holes(*given), 300
    ),
    "one-long-rim": Case(
        lambda size: surveyed(hostile.cone(size, closed=False)),
        lambda given: close_holes(*given),
        1000,
    ),
    "points-of-one-fan": Case(lambda size: hostile.cone(size, closed=True), weld, 500),
    "points-of-a-sheet": Case(hostile.sheet, weld, 1000),
    "edges-at-one-point": Case(
        lambda size: weld(hostile.cone(size, closed=True)).faces, survey, 1000
    ),
    "rims-that-meet-in-one-point": Case(
        lambda size: surveyed(hostile.fans_at_one_point(size)),
        lambda given: simple_loops(*given),
        1000,
    ),
    "bent-holes": Case(
        lambda size: surveyed(hostile.bent_holes(size)), lambda given: close_holes(*given), 300
    ),
    "bent-holes-of-all-lengths": Case(
        lambda size: surveyed(hostile.bent_holes(size, lengths=60)),
        lambda given: close_holes(*given),
        60,
    ),
    "gaps-of-a-soup": Case(
        lambda size: surveyed(hostile.shaken(hostile.turned_at_random(size))),
        lambda given: join_gaps(*given),
        2000,
    ),
    "triangles-at-one-edge": Case(lambda size: weld(hostile.book(size)).faces, survey, 3000),
    "points-near-the-next": Case(
        lambda size: surveyed(hostile.crumbs(size, 0.0004)), joined_near, 500
    ),
    "points-in-one-spot": Case(lambda size: surveyed(hostile.crumbs(size, 1e-8)), joined_near, 500),
    "equal-triangles": Case(
        lambda size: Mesh(np.eye(3, dtype=np.float32), np.tile(np.arange(3), (size, 1))),
        without_duplicates,
        4000,
    ),
    "boxes-of-mixed-bodies": Case(
        lambda size: standing(hostile.many_bodies(size)),
        lambda given: pieces_of(*boxes_of_bodies(*given)),
        2000,
    ),
    "repair-of-a-torus-turned-at-random": Case(
        lambda size: weld(hostile.turned_at_random(size)), make_solid, 1000
    ),
    "repair-of-a-sheet": Case(lambda size: weld(hostile.sheet(size)), make_solid, 1000),
    "repair-of-open-bodies": Case(
        lambda size: weld(hostile.open_tetrahedra(size)), make_solid, 500
    ),
    "volumes-of-many-bodies": Case(
        lambda size: standing(hostile.many_bodies(size)), volumes_of_bodies, 1000
    ),
    "written-triangles": Case(
        lambda size: weld(hostile.many_bodies(size)),
        lambda mesh: write_stl(mesh, io.BytesIO(), (0.0, 0.0, 0.0)),
        1000,
    ),
    "shape-of-many-bodies": Case(lambda size: standing(hostile.many_bodies(size)), judged, 2000),
    "shape-of-columns": Case(lambda size: standing(hostile.columns(size)), judged, 1000),
    "shape-of-shells": Case(lambda size: standing(hostile.shells(size)), judged, 300),
    "shape-of-one-fan": Case(lambda size: standing(hostile.cone(size, closed=True)), judged, 2000),
    "sections-of-columns": Case(lambda size: standing(hostile.columns(size)), sectioned, 1000),
    "sections-of-shells": Case(lambda size: standing(hostile.shells(size)), sectioned, 300),
    "place-of-many-bars": Case(lambda size: standing(hostile.slanted_bars(size)), placed, 60),
    "place-of-a-slim-ring": Case(lambda size: standing(hostile.slim_ring(size)), placed, 2000),
    "packing-of-crumbs": Case(
        lambda size: [(0.1, 0.1 + 0.2 * (n % 7)) for n in range(size)],
        lambda sides: pack(sides, (200.0, 200.0), 6.0),
        120,
    ),
    "pose-of-a-slim-ring": Case(lambda size: measured(hostile.slim_ring(size)), posed, 2000),
    "pose-of-many-bodies": Case(lambda size: measured(hostile.many_bodies(size)), posed, 2000),
}


MODULES = [
    path
    for path in sorted(Path(stage.__path__[0]).rglob("*.py"))
    if path.name != "__init__.py" and path.parent.name not in {"step", "child"}  # no geometry
]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_eight_times_the_input_takes_about_eight_times_as_long(case: Case) -> None:
    """Sixty-four times would be a square."""
    assert case.growth() < MOST


@pytest.mark.parametrize("module", MODULES, ids=lambda path: "/".join(path.parts[-2:]))
def test_a_module_says_what_it_costs(module: Path) -> None:
    """Who changes it shall know what to keep."""
    stated = ast.get_docstring(ast.parse(module.read_text())) or ""
    assert re.search(r"^Cost: (?:.*O\(|as `|that of )", stated, re.MULTILINE)


def test_a_square_is_seen() -> None:
    """A measure that lets everything pass would find nothing for ever."""
    square = growth(np.arange, lambda numbers: np.subtract.outer(numbers, numbers).sum(), 300)
    assert MOST < square < math.inf

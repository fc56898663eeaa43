"""No algorithm of the stage takes much more than eight times as long for eight times the input.

Each one gets the input that is worst for it. A slow computation in one thread is a place in the
queue that a stranger takes with a small file (issue 16, 2).
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.components import components
from pricing_fdm.mesh.edges import Edges, survey
from pricing_fdm.mesh.holes import close_holes
from pricing_fdm.mesh.measure import box_of, measure
from pricing_fdm.mesh.readers import ears
from pricing_fdm.mesh.readers.threemf import project
from pricing_fdm.mesh.readers.threemf import reader as threemf
from pricing_fdm.mesh.readers.threemf.model import Object
from pricing_fdm.mesh.triangles import Corners, Mesh, Reading
from pricing_fdm.mesh.weld import weld
from pricing_fdm.mesh.winding import agreed, inside_out
from tests.mesh import hostile, hostile_files
from tests.mesh.doubling import MOST, growth
from tests.mesh.outlines import spiral
from tests.mesh.parts import standing
from tests.mesh.shapes import LIMIT


@dataclass(frozen=True, slots=True)
class Case:
    """An algorithm, its worst input, and a size at which a square would show."""

    build: Callable[[int], Any]
    work: Callable[[Any], object]
    size: int


def surveyed(corners: Corners) -> tuple[Mesh, Edges]:
    mesh = weld(corners)
    return mesh, survey(mesh.faces)


def measured(corners: Corners) -> tuple[Mesh, Any, Any]:
    """A mesh, the body of each of its faces, and the bodies' volumes."""
    mesh, body_of_face = standing(corners)
    bodies = int(body_of_face.max()) + 1
    return mesh, body_of_face, measure(mesh, box_of(mesh.points), body_of_face, bodies).volumes_mm3


def read_3mf(content: bytes) -> Reading:
    return threemf.read(io.BytesIO(content), len(content), LIMIT)


def overlapping_ranges(size: int) -> tuple[Object, project._Remarks]:
    """Many helpers, each of which reaches to the last of many triangles."""
    faces = np.zeros((64 * size, 3), dtype=np.int32)
    told = {(first, len(faces)): "SupportBlocker" for first in range(size)}
    return Object(True, np.zeros((1, 3)), faces, ()), project._Remarks(ranges={1: told})


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
        lambda given: inside_out(given[2], given[0], given[1]),
        120,
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
    "3mf-unused-vertices-placed-often": Case(hostile_files.unused_vertices, read_3mf, 200),
    "3mf-copies": Case(hostile_files.copies, read_3mf, 500),
    "3mf-openings-in-a-comment": Case(hostile_files.openings_in_a_comment, read_3mf, 4000),
    "3mf-openings-out-of-place": Case(hostile_files.openings_out_of_place, read_3mf, 1000),
    "3mf-empty-lists": Case(hostile_files.empty_lists, read_3mf, 1000),
    "3mf-many-objects": Case(hostile_files.many_objects, read_3mf, 200),
    "3mf-overlapping-ranges": Case(
        overlapping_ranges, lambda given: project._without_helpers(given[0], 1, given[1]), 1000
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_eight_times_the_input_takes_about_eight_times_as_long(case: Case) -> None:
    """Sixty-four times would be a square."""
    assert growth(case.build, case.work, case.size) < MOST


def test_outlines_beyond_the_allowance_take_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clipping ears is a square of the corners, up to a number of comparisons for all of them."""
    monkeypatch.setattr(ears, "MAX_LOOKS", 20_000)

    def refused(outline: list[ears.Place]) -> None:
        with pytest.raises(ModelInvalid):
            ears.EarClipper().clip(outline)

    assert growth(spiral, refused, 400) < MOST


def test_a_square_is_seen() -> None:
    """A measure that lets everything pass would find nothing for ever."""
    square = growth(np.arange, lambda numbers: np.subtract.outer(numbers, numbers).sum(), 300)
    assert MOST < square < math.inf

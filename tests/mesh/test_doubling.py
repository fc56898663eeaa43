"""No algorithm of the stage takes much more than four times as long for four times the input.

Each one gets the input that is worst for it. A slow computation in one thread is a place in the
queue that a stranger takes with a small file (issue 16, 2).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from pricing_fdm.mesh.components import components
from pricing_fdm.mesh.edges import Edges, survey
from pricing_fdm.mesh.measure import box_of, measure
from pricing_fdm.mesh.triangles import Corners, Mesh
from pricing_fdm.mesh.weld import weld
from pricing_fdm.mesh.winding import agreed, inside_out
from tests.mesh import hostile
from tests.mesh.doubling import MOST, growth
from tests.mesh.parts import standing


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


CASES = {
    "components-hooked-one-by-one": Case(
        lambda size: surveyed(hostile.hooks(size)),
        lambda given: components(len(given[0].faces), given[1].left, given[1].right),
        8000,
    ),
    "neighbours-made-to-agree": Case(
        lambda size: surveyed(hostile.hooks(size)), lambda given: agreed(*given), 4000
    ),
    "cavities-beside-many-bodies": Case(
        lambda size: measured(hostile.cavities_beside_bodies(20 * size, size)),
        lambda given: inside_out(given[2], given[0], given[1]),
        240,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_four_times_the_input_takes_about_four_times_as_long(case: Case) -> None:
    """Sixteen times would be a square."""
    assert growth(case.build, case.work, case.size) < MOST


def test_a_square_is_seen() -> None:
    """A measure that lets everything pass would find nothing for ever."""
    square = growth(np.arange, lambda numbers: np.subtract.outer(numbers, numbers).sum(), 300)
    assert MOST < square < math.inf

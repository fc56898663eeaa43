"""Where the material of a mesh is."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.material import Material, material_of
from pricing_fdm.mesh.measure import box_of
from pricing_fdm.mesh.repair import make_solid
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from tests.mesh import shapes


def found(*bodies: Corners) -> Material:
    solid = make_solid(weld(np.concatenate(bodies)))
    return material_of(solid, box_of(solid.mesh.points))


CUBE = shapes.cube(20.0)
CAVITY = shapes.inside_out(shapes.cube(4.0, at=(8.0, 8.0, 8.0)))


@pytest.mark.parametrize(
    ("bodies", "figures"),
    [
        pytest.param([CUBE], (8000.0, 2400.0, 1, 0, 0), id="sound"),
        pytest.param([shapes.inside_out(CUBE)], (8000.0, 2400.0, 1, 1, 0), id="inside-out"),
        pytest.param([CUBE, CAVITY], (7936.0, 2496.0, 1, 0, 0), id="hollow"),
        pytest.param(
            [CUBE, shapes.inside_out(CAVITY)], (8000.0, 2400.0, 2, 0, 0), id="one-within-the-other"
        ),
        pytest.param(
            [CUBE, shapes.inside_out(shapes.cube(10.0, at=(20.0, 5.0, 5.0)))],
            (9000.0, 2800.0, 1, 1, 0), id="inverted-and-touching",
        ),
        pytest.param(
            [CUBE, shapes.cube(10.0, at=(20.0, 20.0, 0.0))], (9000.0, 3000.0, 2, 0, 0),
            id="edges-of-different-length-that-touch",
        ),
        pytest.param(
            [CUBE, shapes.cube(20.0, at=(20.0, 20.0, 0.0))], (16000.0, 4800.0, 2, 0, 1),
            id="common-edge",
        ),
        pytest.param(
            [CUBE, shapes.cube(20.0, at=(20.0, 0.0, 0.0))], (16000.0, 4000.0, 1, 0, 0),
            id="common-face-cut-along-another-diagonal",
        ),
        pytest.param(
            [CUBE, shapes.cube(20.0, at=(0.0, 0.0, 20.0))], (16000.0, 4000.0, 1, 0, 0),
            id="common-face",
        ),
    ],
)  # fmt: skip
def test_the_figures_are_those_of_the_material(
    bodies: list[Corners], figures: tuple[float, float, int, int, int]
) -> None:
    """A customer pays for material, not for how the file describes it.

    Figures are volume, surface, bodies, how many were turned, edges with more than two triangles.
    """
    material = found(*bodies)
    assert (
        material.measures.volumes_mm3.sum(),
        material.measures.surface_mm2,
        material.bodies,
        material.turned,
        material.non_manifold,
    ) == pytest.approx(figures, rel=1e-5)
    assert len(material.body_of_face) == len(material.mesh.faces)


def test_a_sound_part_is_not_copied() -> None:
    """Nothing is better left alone than a good part."""
    solid = make_solid(weld(shapes.torus()))
    assert material_of(solid, box_of(solid.mesh.points)).mesh is solid.mesh

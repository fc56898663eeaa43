"""Which bodies belong together, and how they are laid out anew."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.placing.plate import GAP_MM, groups_of, lay_out
from pricing_fdm.mesh.repair import Solid, make_solid
from pricing_fdm.mesh.triangles import Corners, Points
from pricing_fdm.mesh.weld import weld
from pricing_fdm.model import BuildVolume
from tests.mesh import shapes
from tests.mesh.shapes import PRINTER

NESTED = [shapes.box((30, 30, 30)), shapes.inside_out(shapes.box((10, 10, 10), at=(10, 10, 10)))]
LINKED = [shapes.torus(), shapes.soup(shapes.torus()[:, :, [0, 2, 1]] + np.array([30, 0, 0]))]
TOUCHING = [shapes.cube(), shapes.cube(at=(20, 0, 0))]
STACKED = [shapes.cube(), shapes.cube(at=(0, 0, 25))]
FAR_STACK = [shapes.cube(at=(100, 0, 0)), shapes.cube(at=(100, 0, 25))]


def solid_of(*bodies: Corners) -> Solid:
    return make_solid(weld(np.concatenate(bodies)))


def laid_out(solid: Solid, volume: BuildVolume) -> Points | None:
    groups = groups_of(solid.mesh, solid.body_of_face, volume)
    return lay_out(solid.mesh.points, groups, volume)


@pytest.mark.parametrize(
    ("bodies", "groups"),
    [
        pytest.param([shapes.cube()], 1, id="one"),
        pytest.param([shapes.cube(), shapes.cube(at=(30, 0, 0))], 2, id="apart"),
        pytest.param(NESTED, 1, id="a-cavity-stays-in-its-body"),
        pytest.param(LINKED, 1, id="a-chain-stays-a-chain"),
        pytest.param(TOUCHING, 1, id="touching"),
        pytest.param(STACKED, 2, id="one-above-the-other"),
        pytest.param([*TOUCHING, shapes.cube(at=(0, 40, 0)), *FAR_STACK], 4, id="some-of-each"),
    ],
)
def test_bodies_that_meet_belong_together(bodies: list[Corners], groups: int) -> None:
    """Torn apart, a hinge or a chain would be another product."""
    solid = solid_of(*bodies)
    assert len(groups_of(solid.mesh, solid.body_of_face, PRINTER)) == groups


def test_a_group_keeps_its_places_and_is_set_down() -> None:
    """Only whole groups move; what floated in the air alone stands on the bed then."""
    solid = solid_of(*TOUCHING, shapes.cube(at=(300, 40, 70)))
    placed = laid_out(solid, PRINTER)
    assert placed is not None
    alone = solid.mesh.points[:, 0] >= 300
    pair, single = placed[~alone], placed[alone]
    assert np.ptp(pair, axis=0).tolist() == [40.0, 20.0, 20.0]
    assert np.ptp(single, axis=0).tolist() == [20.0, 20.0, 20.0]
    assert pair[:, 2].min() == single[:, 2].min() == 0.0
    assert single[:, 0].min() - pair[:, 0].max() == pytest.approx(GAP_MM)
    before = solid.mesh.points[~alone]
    assert pair - pair[0] == pytest.approx(before - before[0])


def test_groups_are_turned_a_quarter_where_that_makes_room() -> None:
    """The middle one lies across the others in the file."""
    bodies = [shapes.box((190, 60, 10)), shapes.box((60, 190, 10), at=(200, 0, 0)),
              shapes.box((190, 60, 10), at=(300, 0, 0))]  # fmt: skip
    placed = laid_out(solid_of(*bodies), PRINTER)
    assert placed is not None
    assert np.ptp(placed, axis=0).tolist() == pytest.approx([190.0, 192.0, 10.0])


def test_groups_are_turned_by_any_angle_where_they_fit_no_other_way() -> None:
    """Beside a diagonal there is no room for a second one's box."""
    solid = solid_of(shapes.box((260, 10, 10)), shapes.box((20, 20, 10), at=(300, 0, 0)))
    groups = groups_of(solid.mesh, solid.body_of_face, PRINTER)
    assert [round(group.turn.degrees, 3) for group in groups] == [45.0, 0.0]
    assert all(group.fits for group in groups)
    assert lay_out(solid.mesh.points, groups, PRINTER) is None
    roomy = lay_out(solid.mesh.points, groups, BuildVolume(191, 220, 200))
    assert roomy is not None
    assert np.ptp(roomy, axis=0).tolist() == pytest.approx([190.919, 216.919, 10], abs=1e-3)


def test_a_group_that_cannot_fit_is_known() -> None:
    """Its size is named in the refusal."""
    solid = solid_of(shapes.cube(), shapes.box((250, 240, 10), at=(40, 0, 0)),
                     shapes.box((10, 10, 201), at=(0, 300, 0)))  # fmt: skip
    groups = groups_of(solid.mesh, solid.body_of_face, PRINTER)
    assert [group.fits for group in groups] == [True, False, False]
    assert groups[1].size == (250.0, 240.0, 10.0)

"""What a file states of its bodies is read from its structure, as programs write it."""

from __future__ import annotations

from collections import Counter

import pytest

from pricing_fdm.mesh.step.bodies import Bodies, stated_bodies
from tests.mesh.step.step_files import ORIGIN, StepFile

BREP = "ADVANCED_BREP_SHAPE_REPRESENTATION"


def stated(file: StepFile) -> Bodies:
    return stated_bodies(file.content())


def test_a_part_is_counted_as_often_as_its_assemblies_use_it() -> None:
    """Two pairs of one part, and one alone."""
    file = StepFile()
    box = file.product([file.box((1, 1, 1))])
    pair = file.assembly((box, ORIGIN), (box, (2, 0, 0)))
    file.assembly((pair, ORIGIN), (pair, (0, 2, 0)), (box, (0, 0, 2)))
    assert stated(file).solids == Counter({(6,): 5})


def test_a_shape_may_be_linked_to_its_solids_by_a_relationship() -> None:
    """Several CAD programs give a product an empty shape first."""
    file = StepFile()
    solid = file.representation([file.box((1, 1, 1))], BREP)
    part = file.product(kind="SHAPE_REPRESENTATION")
    file.add(f"SHAPE_REPRESENTATION_RELATIONSHIP('','',#{part + 1},#{solid})")
    file.assembly((part, ORIGIN), (part, (2, 0, 0)))
    assert stated(file).solids == Counter({(6,): 2})


def test_voids_are_bounded_by_faces_too() -> None:
    """A hollow cube has twelve."""
    file = StepFile()
    outer, inner = (
        file._shell_of(file.box(size, at))
        for size, at in (((9, 9, 9), ORIGIN), ((3, 3, 3), (3, 3, 3)))
    )
    turned = file.add(f"ORIENTED_CLOSED_SHELL('',*,#{inner},.F.)")
    file.product([file.add(f"BREP_WITH_VOIDS('',#{outer},(#{turned}))")])
    assert stated(file).solids == Counter({(12,): 1})


def test_billions_of_parts_are_counted_without_being_made() -> None:
    """Twenty assemblies of ten each."""
    file = StepFile()
    part = file.product([file.box((1, 1, 1))])
    for _ in range(20):
        part = file.assembly(*[(part, ORIGIN)] * 10)
    assert stated(file).faces == 6 * 10**20


def test_an_assembly_in_itself_is_not_followed() -> None:
    """Its part is stated all the same."""
    file = StepFile()
    part = file.product([file.box((1, 1, 1))])
    whole = file.assembly((part, ORIGIN))
    file.place(whole, whole, file.placement((5, 0, 0)))
    assert stated(file).solids == Counter({(6,): 1})


@pytest.mark.parametrize(("beside", "count"), [(0, 1), (1, 1)])
def test_surface_bodies_are_taken_out_of_the_representations_that_name_them(
    beside: int, count: int
) -> None:
    """And nothing else is touched."""
    file = StepFile()
    sheet = file.sheet(5, 5)
    file.product([sheet, *(file.box((1, 1, 1)) for _ in range(beside))])
    bodies = stated(file)
    assert (bodies.surfaces, len(bodies.solids)) == (count, beside)
    assert len(file.content()) - len(bodies.content) == len(f",#{sheet}")


def test_a_file_without_surface_bodies_is_left_as_it_is() -> None:
    """Byte for byte."""
    file = StepFile()
    file.product([file.box((1, 1, 1))])
    assert stated(file).content == file.content()


def test_a_set_of_curves_is_no_surface() -> None:
    """Sketches and axes that CAD programs export beside the part are nothing to warn of."""
    file = StepFile()
    line = file._line(ORIGIN, (1, 0, 0))
    curves = file.add(f"GEOMETRIC_CURVE_SET('',(#{line}))")
    file.product([file.box((1, 1, 1)), curves])
    assert stated(file).surfaces == 0

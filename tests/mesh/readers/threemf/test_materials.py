"""How many materials a file asks for is counted, since the quote is for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.mesh.readers.threemf.materials import (
    ONE_MATERIAL,
    UNPAINTED,
    Materials,
    MaterialsBuilder,
    count_materials,
)
from tests.mesh.threemf_reading import read
from tests.mesh.threemf_writer import CUBE, an_object, built, mesh

SLIC3R = 'xmlns:s="http://schemas.slic3r.org/3mf/2017/06"'
COLOURS = (
    '<m:colorgroup xmlns:m="http://schemas.microsoft.com/3dmanufacturing/material/2015/02" '
    'id="5"><m:color color="#FF0000"/><m:color color="#00FF00"/></m:colorgroup>'
)
BASES = '<basematerials id="5"><base name="a" displaycolor="#FF0000"/></basematerials>'
TEXTURE = (
    '<m:texture2dgroup xmlns:m="http://schemas.microsoft.com/3dmanufacturing/material/2015/02" '
    'id="5" texid="6"><m:tex2coord u="0" v="0"/></m:texture2dgroup>'
)


@pytest.mark.parametrize(
    ("code", "extruders"),
    [
        ("4", {1}),
        ("8", {2}),
        ("0C", {3}),
        ("1C", {4}),
        ("EC", {17}),
        ("0", {0}),
        ("480A", {0, 1, 2}),
        ("44440C7", {1, 3}),
        ("", set()),
        ("zz", set()),
        ("C", set()),
    ],
)
def test_paint_is_decoded(code: str, extruders: set[int]) -> None:
    """As PrusaSlicer and Bambu Studio write it."""
    builder = MaterialsBuilder()
    builder.begin({})
    builder.add([["v1", "0", "v2", "1", "v3", "2", "paint_color", code]])
    assert builder.finish(1).extruders - {UNPAINTED} == extruders - {UNPAINTED}


@pytest.mark.parametrize(
    ("meshes", "extruders", "count"),
    [
        ([ONE_MATERIAL], {1}, 1),
        ([ONE_MATERIAL], {2}, 1),
        ([ONE_MATERIAL], {1, 2}, 2),
        ([Materials(frozenset({UNPAINTED, 2}))], {1}, 2),
        ([Materials(frozenset({2, 3}))], {1}, 2),
        ([Materials(frozenset({2})), ONE_MATERIAL], {2}, 1),
        ([Materials(properties=frozenset({("5", "0"), ("5", "1"), ("5", "2")}))], {1}, 3),
        ([], {1}, 0),
    ],
)
def test_materials_are_counted_over_all_that_is_printed(
    meshes: list[Materials], extruders: set[int], count: int
) -> None:
    """What is fully painted does not need the extruder of its volume."""
    assert count_materials(meshes, extruders) == count


def half(attributes: str, others: str = "") -> str:
    """The cube with half of its triangles marked."""
    first, end, rest = mesh().partition('<triangle v1="18"')
    return (
        first.replace('"/>\n<triangle', f'"{attributes}/>\n<triangle')
        + end
        + (rest.replace('"/>\n', f'"{others}/>\n') if others else rest)
    )


SEVERAL = {
    "painted by Bambu": (built(an_object(1, half(' paint_color="8"'))), 2),
    "painted by Prusa": (
        built(an_object(1, half(' s:mmu_segmentation="8"')), attributes=SLIC3R),
        2,
    ),
    "painted within a triangle": (built(an_object(1, half(' paint_color="480A"'))), 2),
    "two paints, and some bare": (
        built(an_object(1, half(' paint_color="8"', ' paint_color="0C"'))),
        3,
    ),
    "colours of triangles": (
        built(COLOURS, an_object(1, half(' pid="5" p1="0"', ' pid="5" p1="1"'))),
        2,
    ),
    "a colour beside that of the object": (
        built(COLOURS, an_object(1, half(' p1="1"'), 'pid="5" pindex="0"')),
        2,
    ),
    "materials of objects": (
        built(
            BASES,
            an_object(1, attributes='pid="5" pindex="0"'),
            an_object(2, attributes='pid="5" pindex="1"'),
            items=('objectid="1"', 'objectid="2"'),
        ),
        2,
    ),
}


@pytest.mark.parametrize(("content", "count"), SEVERAL.values(), ids=SEVERAL)
def test_several_materials_are_told_with_their_number(
    tmp_path: Path, content: bytearray, count: int
) -> None:
    """The shape is the same."""
    reading = read(tmp_path, content)
    assert (reading.corners[:12] == CUBE).all()
    [warning] = reading.warnings
    assert warning.code == "multi_material_ignored"
    assert f" {count} materials or colours" in warning.message


ONE = {
    "one colour": built(COLOURS, an_object(1, attributes='pid="5" pindex="1"')),
    "one colour on all triangles": built(
        COLOURS, an_object(1, mesh(attributes=' pid="5" p1="1" p2="1" p3="1"'))
    ),
    "a texture": built(TEXTURE, an_object(1, half(' pid="5" p1="0" p2="1" p3="2"'))),
    "painted with one": built(an_object(1, mesh(attributes=' paint_color="8"'))),
    "a painted seam": built(an_object(1, half(' paint_seam="4"'))),
    "colours that nothing uses": built(COLOURS, an_object(1)),
    "an object that is not built": built(
        COLOURS, an_object(1), an_object(2, half(' paint_color="8"'))
    ),
}


@pytest.mark.parametrize("content", ONE.values(), ids=ONE)
def test_one_material_is_nothing_to_tell(tmp_path: Path, content: bytearray) -> None:
    """Which it is, the order says."""
    assert read(tmp_path, content).warnings == ()

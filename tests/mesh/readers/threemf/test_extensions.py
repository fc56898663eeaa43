"""Extensions that a 3MF demands: support it, or do not price the part."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mesh.threemf_reading import read, refusal
from tests.mesh.threemf_writer import an_object, built, components, mesh

MICROSOFT = "http://schemas.microsoft.com/3dmanufacturing"
CONSORTIUM = "http://schemas.3mf.io/3dmanufacturing"


def demanding(namespace: str, prefixes: str = "b p") -> bytearray:
    attributes = f'xmlns:b="{namespace}" requiredextensions="{prefixes}"'
    return built(an_object(1), attributes=attributes)


@pytest.mark.parametrize("name", ["material/2015/02", "trianglesets/2021/07", "core/2015/02"])
def test_extensions_that_leave_the_shape_alone_are_accepted(tmp_path: Path, name: str) -> None:
    """Colours and groups of triangles do not change what is printed in one material."""
    assert len(read(tmp_path, demanding(f"{MICROSOFT}/{name}")).corners) == 12


@pytest.mark.parametrize(
    ("namespace", "said"),
    [
        (f"{MICROSOFT}/beamlattice/2017/02", "the beam lattice extension"),
        (f"{MICROSOFT}/slice/2015/07", "the slice extension"),
        (f"{MICROSOFT}/securecontent/2019/04", "the secure content extension"),
        (f"{CONSORTIUM}/booleanoperations/2023/07", "the boolean operations extension"),
        ("urn:unheard-of", "an extension"),
    ],
)
def test_extensions_that_make_the_shape_are_refused_by_name(
    tmp_path: Path, namespace: str, said: str
) -> None:
    """The mesh alone is not the part, and a consumer must not make it (3MF core, 3.4)."""
    assert f"demands {said}, which we do not support" in refusal(tmp_path, demanding(namespace))


def test_a_demanded_prefix_must_be_declared(tmp_path: Path) -> None:
    """What stands for nothing cannot be supported."""
    assert "an extension" in refusal(tmp_path, demanding("urn:x", "c"))


BEAMS = f'<b:beamlattice xmlns:b="{MICROSOFT}/beamlattice/2017/02" radius="1"/>'
WITH_BEAMS = mesh().replace("</mesh>", f"{BEAMS}</mesh>")
CUT = (
    f'<b:booleanshape xmlns:b="{CONSORTIUM}/booleanoperations/2023/07" objectid="1" '
    'operation="difference"><b:boolean objectid="1"/></b:booleanshape>'
)
BOTH = ('objectid="1"', 'objectid="7"')
UNREAD = {
    "a lattice beside one mesh": (
        built(an_object(1, WITH_BEAMS)),
        "have more than their mesh (beam lattice; id 1)",
        "1 of 1",
        1,
    ),
    "a lattice beside one mesh of two": (
        built(an_object(1), an_object(7, WITH_BEAMS), items=BOTH),
        "have more than their mesh (beam lattice; id 7)",
        "1 of 2",
        2,
    ),
    "an object by boolean operations": (
        built(an_object(1), an_object(7, CUT), items=BOTH),
        "without a mesh (boolean operations; id 7)",
        "1 of 2",
        1,
    ),
    "an object by an unknown extension": (
        built(an_object(1), an_object(7, '<b:shape xmlns:b="urn:x"/>'), items=BOTH),
        "without a mesh (id 7)",
        "1 of 2",
        1,
    ),
    "an empty mesh": (
        built(an_object(1), an_object(7, "<mesh/>"), items=BOTH),
        "without a mesh (id 7)",
        "1 of 2",
        1,
    ),
    "deep in a group, twice": (
        built(
            an_object(1),
            an_object(7, CUT),
            an_object(8, components(*BOTH, 'objectid="7"')),
            items=('objectid="8"',),
        ),
        "without a mesh (boolean operations; id 7)",
        "2 of 3",
        1,
    ),
}


@pytest.mark.parametrize(("content", "said", "share", "cubes"), UNREAD.values(), ids=UNREAD)
def test_a_shape_that_is_not_read_is_told_with_its_share(
    tmp_path: Path, content: bytearray, said: str, share: str, cubes: int
) -> None:
    """The file does not demand it, so the rest is priced; but never in silence."""
    reading = read(tmp_path, content)
    assert len(reading.corners) == 12 * cubes
    [warning] = reading.warnings
    assert warning.code == "geometry_left_out"
    assert said in warning.message
    assert warning.message.endswith(f"in the quote: {share}.")


def test_a_file_of_nothing_but_extensions_is_refused_by_their_names(tmp_path: Path) -> None:
    """There is nothing to price."""
    assert "draws its parts with boolean operations" in refusal(tmp_path, built(an_object(1, CUT)))


def test_an_extension_of_what_is_not_built_is_not_told(tmp_path: Path) -> None:
    """It is not missing."""
    assert read(tmp_path, built(an_object(1), an_object(2, WITH_BEAMS))).warnings == ()


def test_an_extension_that_is_only_used_is_skipped(tmp_path: Path) -> None:
    """The core must be read the same with optional extensions (3MF core, 3.4)."""
    content = built(an_object(1), attributes='xmlns:b="urn:x" b:more="1"')
    assert len(read(tmp_path, content).corners) == 12

"""3MF as a whole: what is read, what is left out, and that nothing of it is repeated."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pricing_fdm.model import Unit
from tests.mesh import shapes
from tests.mesh.inspecting import inspect_model
from tests.mesh.threemf_reading import read, refusal
from tests.mesh.threemf_writer import (
    CUBE,
    ROOT,
    an_object,
    built,
    components,
    edited,
    mesh,
    model,
    package,
    relationships,
    zipped,
)

PLAIN = model(an_object(1))
PREFIXED = PLAIN.replace("<", "<c:").replace("<c:/", "</c:").replace("<c:?", "<?")

READ = {
    "plain": package(),
    "byte-order-mark": package(b"\xef\xbb\xbf" + PLAIN.encode()),
    "single-quotes": package(PLAIN.replace('"', "'")),
    "one-line": package(PLAIN.replace("\n", "")),
    "exponents": package(PLAIN.replace("20.0", " +2.0E+01 ")),
    "triangles-with-colours": built(an_object(1, mesh(attributes=' pid="5" p1="0"'))),
    "an-opening-in-a-comment": edited("<vertices>", "<vertices ><!-- <vertices> -->"),
    "other-things-between": edited("<triangles>", "<triangles><!-- a --><b/>"),
    "prefixed": package(PREFIXED.replace("xmlns=", "xmlns:c=")),
    "object-that-is-not-built": built(an_object(1), an_object(2)),
    "no-relationships": zipped({ROOT: PLAIN}),
    "stored": zipped({ROOT: PLAIN}, zipfile.ZIP_STORED),
    "names-that-climb-out": package(parts={"../../evil.txt": "x", "/tmp/evil": "x"}),
}


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_what_programs_write_is_read(tmp_path: Path, content: bytearray) -> None:
    """Spelling, quotes and names of parts differ; the triangles count."""
    reading = read(tmp_path, content)
    assert (reading.corners == CUBE).all()
    assert reading.warnings == ()
    assert len(list(tmp_path.iterdir())) == 1


def test_the_unit_of_the_request_is_for_files_without_one(tmp_path: Path) -> None:
    """An inch in the request must not make a 20 mm cube of a 3MF half a metre wide."""
    source = shapes.saved(tmp_path, bytes(package()))
    part = inspect_model(
        source, tmp_path / "part.stl", shapes.PRINTER, max_triangles=100, unit=Unit.INCH
    )
    assert part.format == "3mf"
    assert part.dimensions_mm == (20.0, 20.0, 20.0)
    assert part.volume_mm3 == pytest.approx(8000)
    assert part.watertight


IN_CURA = '<metadatagroup><metadata name="cura:{}">{}</metadata></metadatagroup>' + mesh()
BOTH = ('objectid="1"', 'objectid="2"')
SWITCHED_OFF = ('objectid="1"', 'objectid="1" printable="0"', 'objectid="1" printable="false"')
GROUP = an_object(3, components('objectid="1"', 'objectid="2"', 'objectid="2"'), 'type="other"')
HELPER = an_object(2, attributes='type="other"')

LEFT_OUT = {
    "switched-off": (built(an_object(1), items=SWITCHED_OFF), 2),
    "component-of-another-type": (built(an_object(1), HELPER, GROUP, items=('objectid="3"',)), 2),
    "helper-of-cura": (
        built(
            an_object(1),
            an_object(2, IN_CURA.format("infill_mesh", "Tr<!-- -->ue")),
            items=BOTH,
        ),
        1,
    ),
} | {
    kind: (built(an_object(1), an_object(2, attributes=f'type="{kind}"'), items=BOTH), 1)
    for kind in ("support", "solidsupport", "surface", "other")
}


@pytest.mark.parametrize(("content", "count"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_is_not_to_be_printed_is_left_out_and_said(
    tmp_path: Path, content: bytearray, count: int
) -> None:
    """Priced as plastic, a modifier would make the quote too dear, and nobody would see why."""
    reading = read(tmp_path, content)
    assert (reading.corners == CUBE).all()
    (warning,) = reading.warnings
    assert warning.code == "parts_left_out"
    assert warning.message.endswith(f": {count}.")


@pytest.mark.parametrize(
    "content",
    [
        IN_CURA.format("infill_mesh", "False"),
        IN_CURA.format("infill_sparse_density", "True"),
        IN_CURA.replace('name="cura:{}"', "").format("True"),
    ],
)
def test_other_remarks_of_cura_change_nothing(tmp_path: Path, content: str) -> None:
    """Cura writes every changed setting there, those of printed parts too."""
    assert read(tmp_path, built(an_object(1, content))).warnings == ()


ALL_OFF = built(an_object(1), items=('objectid="1" printable="0"',))
ALL_HELPERS = built(an_object(1, attributes='type="other"'))

REFUSED = {
    "empty-build": (built(an_object(1), items=()), "nothing to build"),
    "all-switched-off": (ALL_OFF, "every object as not to be printed"),
    "all-helpers": (ALL_HELPERS, "no solid part"),
    "empty-mesh": (built(an_object(1, mesh(CUBE[:0]))), "no triangles"),
    "empty-object": (built(an_object(1, "")), "no triangles"),
    "vertices-only": (
        built(an_object(1, '<mesh><vertices><vertex x="0" y="0" z="0"/></vertices></mesh>')),
        "no triangles",
    ),
    "another-model": (package("<model/>"), "does not begin"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_3mf_without_anything_to_print_is_refused(
    tmp_path: Path, content: bytearray, reason: str
) -> None:
    """There is no price for nothing, and the reason differs."""
    assert reason in refusal(tmp_path, content)


def test_refusals_never_repeat_the_file(tmp_path: Path) -> None:
    """Names and numbers are the caller's; they stay out of answers and logs."""
    demand = 'xmlns:S3CRET="S3CRET" requiredextensions="S3CRET"'
    for content in (
        edited('x="20.0"', 'x="S3CRET"'),
        edited('unit="millimeter"', 'unit="S3CRET"'),
        edited("</resources>", "</S3CRET>"),
        built(an_object(1), attributes=demand),
        built(items=('p:path="/S3CRET.model" objectid="1"',)),
        zipped({"_rels/.rels": relationships("S3CRET"), ROOT: PLAIN}),
    ):
        assert "S3CRET" not in refusal(tmp_path, content)


def test_as_many_triangles_as_accepted_are_read(tmp_path: Path) -> None:
    """The limit itself is allowed, one triangle more is not, and it is counted to the end."""
    assert len(read(tmp_path, package(), 12).corners) == 12
    assert "has 12 triangles; at most 11" in refusal(tmp_path, package(), 11)
    unused = built(an_object(1), *(an_object(number) for number in range(2, 5)))
    assert "has 48 triangles; at most 20" in refusal(tmp_path, unused, 20)

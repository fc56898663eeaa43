"""What is taken past expat, and that expat would have said the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.readers.threemf import xml as threemf_xml
from pricing_fdm.mesh.readers.threemf.budget import Budget
from pricing_fdm.mesh.readers.threemf.mesh import Run
from pricing_fdm.mesh.readers.threemf.model import ModelPart, read_model_part
from tests.mesh import shapes
from tests.mesh.threemf_reading import read
from tests.mesh.threemf_writer import an_object, built, mesh, model

RUN = Run("vertex", ("x", "y", "z"))
ONE = b'<vertex x="1" y="-2.5" z="3e1"/>'


@pytest.mark.parametrize(
    ("piece", "values"),
    [
        pytest.param(ONE, ["1", "-2.5", "3e1"], id="one"),
        pytest.param(ONE + b"\n  " + ONE, ["1", "-2.5", "3e1"] * 2, id="two"),
        pytest.param(b' <vertex  x ="1"\n\ty= "2"  z = "3" />', ["1", "2", "3"], id="airy"),
    ],
)
def test_plain_runs_are_read(piece: bytes, values: list[str]) -> None:
    """Blanks may stand where XML allows them."""
    assert RUN.values(piece) == values


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param(ONE + b"text", id="text"),
        pytest.param(ONE + b"<!-- -->" + ONE, id="comment"),
        pytest.param(b"<!-- " + ONE + b" -->" + ONE, id="in-a-comment"),
        pytest.param(b"<![CDATA[" + ONE, id="in-character-data"),
        pytest.param(b"<?p " + ONE, id="in-an-instruction"),
        pytest.param(ONE.replace(b'"', b"'"), id="single-quotes"),
        pytest.param(ONE.replace(b"vertex", b"vertices"), id="another-element"),
        pytest.param(ONE.replace(b"x=", b"X="), id="another-case"),
        pytest.param(ONE.replace(b"x=", b"y="), id="one-attribute-twice"),
        pytest.param(ONE.replace(b" y=", b"y="), id="no-blank"),
        pytest.param(ONE.replace(b"/>", b' p="1"/>'), id="four-attributes"),
        pytest.param(ONE.replace(b' z="3e1"', b""), id="two-attributes"),
        pytest.param(ONE.replace(b"/>", b"></vertex>"), id="end-tag"),
        pytest.param(b"<vertex>" + ONE, id="nested"),
        pytest.param(ONE.replace(b"3e1", b"&#51;"), id="character-reference"),
        pytest.param(ONE.replace(b"3e1", b"3<1"), id="no-xml"),
        pytest.param(ONE.replace(b"3e1", b" 3"), id="blank-in-a-value"),
        pytest.param(ONE.replace(b"3e1", b"nan"), id="no-number"),
        pytest.param(ONE.replace(b"3e1", "\u0663".encode()), id="beyond-ascii"),
        pytest.param(ONE[:-2], id="cut-off"),
        pytest.param(ONE[1:], id="begun-elsewhere"),
    ],
)
def test_everything_else_is_left_to_expat(piece: bytes) -> None:
    """This is never a second opinion on what XML is."""
    assert RUN.values(piece) is None


def test_real_sizes_are_taken_past_expat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this test the fast way could fall into disuse, and nobody would notice."""
    ball = shapes.sphere(rings=40)
    content = built(an_object(1, mesh(ball)))
    monkeypatch.setattr("pricing_fdm.mesh.readers.threemf.mesh.columns", None)
    assert (read(tmp_path, content).corners == ball).all()


def test_expat_reads_any_number(tmp_path: Path) -> None:
    """In batches, whatever is written in a way of its own."""
    ball = shapes.sphere(rings=40)
    content = mesh(ball).replace('"', "'")
    assert (read(tmp_path, built(an_object(1, content))).corners == ball).all()


FRAGMENTS = (
    '<vertex x="1" y="2" z="3"/>',
    '<vertex x="4" y="5" z="6" />\n  ',
    '<vertex z="9" y="8" x="7"/>',
    '<vertex x="1" y="2" z="3" p="4"/>',
    "<vertex x='1' y='2' z='3'/>",
    '<vertex x="1" y="2" z="3"></vertex>',
    '<vertex x="1" y="2"/>',
    '<vertex x="&#49;" y="2" z="3"/>',
    '<vertex x="nan" y="2" z="3"/>',
    '<triangle v1="0" v2="0" v3="0"/>',
    '<!-- <vertices> <vertex x="1" y="2" z="3"/> -->',
    '<o xmlns="urn:o"><vertex x="1" y="2" z="3"/></o>',
    "<![CDATA[<vertices>",
    "]]>",
    "</vertices>",
    "<vertices>",
    "<vertices >",
    "<triangles>",
    "</triangles>",
    " ",
    "text",
    "<",
)


def outcome(document: bytes, size: int, *, expat_only: bool) -> object:
    """What is read, or what is said, by either way."""
    chunks = (document[start : start + size] for start in range(0, len(document), size))
    with pytest.MonkeyPatch.context() as patch:
        if expat_only:
            patch.setattr(threemf_xml.XmlWalk, "_until_run", by_expat)
        try:
            return shown(read_model_part("a", chunks, Budget(1000), is_root=True))
        except ModelInvalid as error:
            return error.detail


def by_expat(walk: threemf_xml.XmlWalk, data: bytes, at: int) -> int:
    walk._parse(data[at:])
    return len(data)


def shown(part: ModelPart) -> list[object]:
    return [
        (key, found.vertices.tolist(), found.faces.tolist()) for key, found in part.objects.items()
    ]


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(
    fragments=st.lists(st.sampled_from(FRAGMENTS), max_size=12),
    size=st.integers(1, 400),
)
def test_expat_alone_reads_the_same(fragments: list[str], size: int) -> None:
    """Whatever is mixed, wherever pieces are cut: both ways agree on the mesh or on the refusal."""
    inside = f"<mesh><vertices>{''.join(fragments)}</vertices></mesh>"
    document = model(an_object(1, inside)).encode()
    assert outcome(document, size, expat_only=False) == outcome(document, size, expat_only=True)

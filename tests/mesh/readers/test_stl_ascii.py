"""ASCII STL: what is read, what is refused, and what that costs."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.readers import stl_ascii
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.mesh.triangles import Corners
from tests.mesh import shapes

CUBE = shapes.cube()
TEXT = shapes.ascii_stl(CUBE)
MEBIBYTE = 1024 * 1024


def read(folder: Path, content: bytes, limit: int = shapes.LIMIT) -> Corners:
    name, reading = read_model(shapes.saved(folder, content), limit)
    assert name == "stl-ascii"
    assert reading.warnings == ()
    return reading.corners


def refusal(folder: Path, content: bytes, limit: int = shapes.LIMIT) -> str:
    with pytest.raises(ModelInvalid) as caught:
        read(folder, content, limit)
    return caught.value.detail


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TEXT, id="plain"),
        pytest.param(TEXT.rstrip(), id="no-line-end-at-the-end"),
        pytest.param(shapes.ascii_stl(CUBE, end="\r\n"), id="windows-line-ends"),
        pytest.param(shapes.ascii_stl(CUBE, end="\r"), id="old-macintosh-line-ends"),
        pytest.param(b"\xef\xbb\xbf" + TEXT, id="byte-order-mark"),
        pytest.param(b"\n\t  " + TEXT, id="blanks-in-front"),
        pytest.param(TEXT.upper(), id="upper-case"),
        pytest.param(TEXT.replace(b" ", b"\t \x0b"), id="odd-blanks"),
        pytest.param(TEXT.replace(b"\n      vertex", b" vertex"), id="vertices-on-one-line"),
        pytest.param(shapes.ascii_stl(CUBE, name=""), id="no-name"),
        pytest.param(shapes.ascii_stl(CUBE, name="facet endsolid solid"), id="words-as-name"),
        pytest.param(shapes.ascii_stl(CUBE, name="Würfel % MW 1 2"), id="name-beyond-ascii"),
        pytest.param(shapes.ascii_stl(CUBE, name="x" * 600_000), id="name-longer-than-a-piece"),
        pytest.param(TEXT.replace(b"normal 0 0 1", b"normal nan -1.#IND 0"), id="normals-nan"),
        pytest.param(TEXT.replace(b"20.0", b"+2.0E+01"), id="exponents"),
        pytest.param(TEXT.replace(b"endsolid", b"end solid"), id="end-solid"),
        pytest.param(TEXT.replace(b"endsolid", b"end\t solid"), id="end-tab-solid"),
        pytest.param(TEXT.replace(b"endloop", b"end  loop").replace(b"endf", b"END f"),
                     id="end-loop-and-end-facet"),
        pytest.param(TEXT.replace(b"endsolid part", b""), id="no-endsolid"),
        pytest.param(TEXT.replace(b"endsolid part\n", b"").rstrip(), id="nothing-behind-the-last"),
        pytest.param(shapes.ascii_stl(CUBE[:5]).replace(b"endsolid part", b"")
                     + shapes.ascii_stl(CUBE[5:]), id="no-endsolid-between"),
        pytest.param(
            shapes.ascii_stl(CUBE[:5]) + shapes.ascii_stl(CUBE[:0]) + shapes.ascii_stl(CUBE[5:]),
            id="several-solids",
        ),
    ],
)  # fmt: skip
def test_what_programs_write_is_read(tmp_path: Path, text: bytes) -> None:
    """White space, case, names and normals differ between exporters; the triangles count."""
    assert (read(tmp_path, text) == CUBE).all()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(TEXT[: len(TEXT) // 2], "truncated", id="cut-in-the-middle"),
        pytest.param(b"endfacet".join(TEXT.split(b"endfacet")[:8]) + b"endfacet\n", "truncated",
                     id="cut-between-facets"),
        pytest.param(TEXT + shapes.binary_stl(CUBE), "after `endsolid`", id="binary-behind"),
        pytest.param(TEXT + b"\0\0more", "after `endsolid`", id="more-behind-nuls"),
        pytest.param(b"solid", "truncated", id="one-word"),
        pytest.param(b"solid words about something solid\n", "truncated", id="prose"),
        pytest.param(b"solid a\nendsolid a\n", "no triangles", id="no-facets"),
        pytest.param(TEXT + b"and more", "after `endsolid`", id="text-behind"),
        pytest.param(TEXT + b"sol", "after `endsolid`", id="half-a-word-behind"),
        pytest.param(TEXT.replace(b"endloop", b"loopend", 1), "Triangle 1 ", id="wrong-word"),
        pytest.param(TEXT[:-20].replace(b"outer ", b""), "Triangle 1 ", id="words-missing"),
        pytest.param(b"facet ".join([*TEXT.split(b"facet ", 5)[:5], b"endsolid"]),
                     "Triangle 5 ", id="half-a-facet"),
        pytest.param(TEXT.replace(b"20.0", b"20,0", 1), "Triangle 1 ", id="decimal-comma"),
        pytest.param(TEXT.replace(b"20.0", b"2_0.0"), "Triangle 1 ", id="underscore"),
        pytest.param(TEXT.replace(b"20.0", b"0x14", 1), "Triangle 1 ", id="hexadecimal"),
        pytest.param(TEXT.replace(b"20.0", b"1.#QNAN", 1), "Triangle 1 ", id="msvc-nan"),
        pytest.param(TEXT.replace(b"20.0", "\u0662\u0660".encode(), 1), "Triangle 1 ", id="arabic"),
    ],
)  # fmt: skip
def test_what_is_no_stl_is_refused(tmp_path: Path, text: bytes, reason: str) -> None:
    """A guess at half-readable text would be a guess at a price."""
    assert reason in refusal(tmp_path, text)


def test_refusals_never_repeat_the_text(tmp_path: Path) -> None:
    """Names and tokens are the caller's; they stay out of answers and logs."""
    secret = b"S3CRET"
    for text in (
        shapes.ascii_stl(CUBE, name="S3CRET")[:-30],
        TEXT.replace(b"20.0", secret, 1),
        TEXT + secret,
    ):
        assert secret.decode().lower() not in refusal(tmp_path, text).lower()


@pytest.mark.parametrize(
    "padding",
    [b"\0" * 100, b"\x1a", b"\r\n\x1a\r\n", b"\0" * 700_000, b"\0 \0\n" * 100],
    ids=["nuls", "control-z", "control-z-on-a-line", "more-than-a-piece", "with-blanks"],
)
@pytest.mark.parametrize("text", [TEXT, TEXT.replace(b"endsolid part", b"")], ids=["", "no-end"])
def test_padding_behind_the_end_is_told(tmp_path: Path, padding: bytes, text: bytes) -> None:
    """Copies from old systems and fixed blocks; the triangles are all there."""
    name, reading = read_model(shapes.saved(tmp_path, text + padding), shapes.LIMIT)
    assert name == "stl-ascii"
    assert (reading.corners == CUBE).all()
    [warning] = reading.warnings
    assert warning.code == "trailing_bytes"
    count = len(padding.translate(None, b" \r\n"))
    assert warning.message.endswith(f"ignored: {count:,}.")


@pytest.mark.parametrize("piece_bytes", [*range(301, 312), 512, 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_where_pieces_are_cut_makes_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece_bytes: int, end: str
) -> None:
    """A cut can fall into any word, number or line end."""
    corners = shapes.torus(12, 6)
    text = shapes.ascii_stl(corners, end=end) + shapes.ascii_stl(corners, end=end)
    monkeypatch.setattr(stl_ascii, "PIECE_BYTES", piece_bytes)
    assert (read(tmp_path, text) == np.concatenate([corners, corners])).all()


def test_numbers_that_float32_cannot_hold_become_infinite(tmp_path: Path) -> None:
    """The judgement counts and refuses them; reading them is no error of ours."""
    corners = read(tmp_path, TEXT.replace(b"20.0", b"1e39", 1).replace(b"20.0", b"1e999", 1))
    assert np.count_nonzero(np.isinf(corners)) == 2


def test_too_many_facets_are_counted_to_the_end_and_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller learns how far over the limit the model is; nothing is kept meanwhile."""
    monkeypatch.setattr(stl_ascii, "PIECE_BYTES", 1000)
    said = refusal(tmp_path, shapes.ascii_stl(shapes.torus()), limit=100)
    assert "576 triangles" in said
    assert "at most 100" in said


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("repeated", "size"),
    [
        pytest.param(b"a", 100 * MEBIBYTE, id="single-line"),
        pytest.param(b"\nvertex ", 10_000_000 * 8, id="ten-million-times-vertex"),
        pytest.param(b"\nfacet normal 0 0 0 ", 50 * MEBIBYTE, id="facets-without-end"),
        pytest.param(b"\nendfacet ", 50 * MEBIBYTE, id="ends-without-facets"),
        pytest.param(b"\n ", 50 * MEBIBYTE, id="blank-lines"),
        pytest.param(b"\nendsolid\nsolid ", 50 * MEBIBYTE, id="empty-solids"),
    ],
)
def test_b10_hostile_text_is_bounded_in_time_and_memory(
    tmp_path: Path, repeated: bytes, size: int
) -> None:
    """B10: read piece by piece, never by line, and never again from the start."""
    content = b"solid " + repeated * (size // len(repeated))
    path = shapes.saved(tmp_path, content)
    del content
    tracemalloc.start()
    try:
        with pytest.raises(ModelInvalid):
            read_model(path, shapes.LIMIT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    path.unlink()
    assert peak < 32 * MEBIBYTE

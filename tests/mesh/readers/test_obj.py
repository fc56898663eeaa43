"""OBJ: what is read, what is skipped, what is refused, and what that costs."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from pricing_fdm.errors import ModelFormat, ModelInvalid
from pricing_fdm.mesh.readers import obj_lines
from pricing_fdm.mesh.readers.formats import read_model, recognise
from pricing_fdm.mesh.triangles import Corners
from tests.harness.models import Known, known, params
from tests.mesh import shapes
from tests.mesh.inspecting import inspect_model

CUBE = shapes.cube()
CORNERS = [(x, y, z) for z in (0, 20) for y in (0, 20) for x in (0, 20)]
SIDES = [(1, 3, 4, 2), (5, 6, 8, 7), (1, 2, 6, 5), (2, 4, 8, 6), (4, 3, 7, 8), (3, 1, 5, 7)]
VERTICES = [f"v {x}.0 {y}.0 {z}.0" for x, y, z in CORNERS]
FACES = ["f " + " ".join(map(str, side)) for side in SIDES]
TEXT = "\n".join([*VERTICES, *FACES, ""])

MEBIBYTE = 1024 * 1024


def read(folder: Path, content: bytes | str, limit: int = shapes.LIMIT) -> Corners:
    raw = content.encode() if isinstance(content, str) else content
    name, reading = read_model(shapes.saved(folder, raw), limit)
    assert name == "obj"
    assert reading.warnings == ()
    assert not reading.unit_known
    assert reading.corners.dtype == np.float32
    return reading.corners


def refusal(folder: Path, content: bytes | str, limit: int = shapes.LIMIT) -> str:
    with pytest.raises(ModelInvalid) as caught:
        read(folder, content, limit)
    return caught.value.detail


def with_faces(pattern: str) -> str:
    """The cube with each corner of a face written as the pattern says, n its number."""
    return "\n".join(
        [*VERTICES, "vt 0.5 0.5", "vn 0 0 1"]
        + ["f " + " ".join(pattern.format(n=n) for n in side) for side in SIDES]
    )


def from_the_end() -> str:
    return "\n".join([*VERTICES, *("f " + " ".join(str(n - 9) for n in side) for side in SIDES)])


def side_by_side() -> str:
    """Each side right after its own four vertices, counted backwards."""
    return "\n".join(
        "\n".join([*(VERTICES[n - 1] for n in side), "f -4 -3 -2 -1"]) for side in SIDES
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TEXT, id="plain"),
        pytest.param(TEXT.rstrip(), id="no-line-end-at-the-end"),
        pytest.param(TEXT.replace("\n", "\r\n"), id="windows-line-ends"),
        pytest.param(TEXT.replace("\n", "\r"), id="old-macintosh-line-ends"),
        pytest.param("\ufeff" + TEXT, id="byte-order-mark"),
        pytest.param("\n\n \t\n" + TEXT, id="blanks-in-front"),
        pytest.param(TEXT.replace(" ", "\t "), id="tabs"),
        pytest.param(TEXT.replace("\n", "  \n"), id="blanks-at-line-ends"),
        pytest.param(TEXT.replace("20.0", "+2.0E+01"), id="exponents"),
        pytest.param(TEXT.replace("20.0", "20"), id="whole-numbers"),
        pytest.param(TEXT.replace(".0\n", ".0 1.0\n"), id="weights"),
        pytest.param(TEXT.replace(".0\n", ".0 0.2 0.4 1\n"), id="colours"),
        pytest.param(TEXT.replace(".0\n", ".0 0.2 0.4 1 0.5\n"), id="colours-with-transparency"),
        pytest.param(with_faces("{n}/1"), id="texture"),
        pytest.param(with_faces("{n}//1"), id="normals"),
        pytest.param(with_faces("{n}/1/1"), id="texture-and-normals"),
        pytest.param(with_faces("{n}/-1/-1"), id="texture-and-normals-from-the-end"),
        pytest.param(from_the_end(), id="counted-from-the-end"),
        pytest.param(side_by_side(), id="counted-from-where-they-stand"),
        pytest.param(
            "\n".join(VERTICES[:4] + FACES[:1] + VERTICES[4:] + FACES[1:]), id="mixed-lines"
        ),
        pytest.param(TEXT + "\0\0\0", id="nuls-at-the-end"),
        pytest.param(TEXT + "\x1a", id="control-z-at-the-end"),
        pytest.param("\n".join(FACES + VERTICES), id="all-faces-first"),
        pytest.param("\n".join([VERTICES[0], *FACES, *VERTICES[1:]]), id="faces-first"),
        pytest.param(TEXT.replace(" 2", " \\\n2"), id="continued-lines"),
        pytest.param(TEXT.replace("\n", " \\\n\n"), id="continued-by-empty-lines"),
        pytest.param("# C:\\parts\\\n" + TEXT.replace("\n", " # why\\\n"), id="comments"),
        pytest.param(
            "mtllib ../../etc/passwd\no part\ng a b\ns off\nusemtl red\n" + TEXT
            + "p 1\nl 1 2 3\nvp 0 0\nmg off\nlod 3\nc_interp on\ng\n",
            id="groups-materials-points-and-lines",
        ),
        pytest.param(
            TEXT + "cstype bezier\ndeg 3\ncurv 0 1 1 2 3 4\nparm u 0 1\nend\n", id="curves"
        ),
    ],
)  # fmt: skip
def test_what_programs_write_is_read(tmp_path: Path, text: str) -> None:
    """The same cube each time, from what modellers, scanners and CAD programs write."""
    assert (read(tmp_path, text) == CUBE).all()


def test_no_other_file_is_opened(tmp_path: Path) -> None:
    """`mtllib` names a file; a name that came from outside is never followed."""
    pipe = tmp_path / "red.mtl"
    pipe.mkdir()
    assert len(read(tmp_path, f"mtllib {pipe}\nmtllib {pipe}/x\n{TEXT}")) == 12


@pytest.mark.parametrize("corners", [3, 4, 5, 8, 9, 40, 1000])
def test_polygons_of_any_number_of_corners_are_cut(tmp_path: Path, corners: int) -> None:
    """A prism over a star, with lids of that many corners, is closed and has its volume."""
    turn = np.arange(corners) * 2 * np.pi / corners
    reach = np.where(np.arange(corners) % 2, 50.0, 80.0)
    x, y = reach * np.cos(turn), reach * np.sin(turn)
    lines = [f"v {x[n]:.5f} {y[n]:.5f} {z}" for z in (0, 10) for n in range(corners)]
    ring = range(1, corners + 1)
    lines.append("f " + " ".join(str(n) for n in reversed(ring)))
    lines.append("f " + " ".join(str(n + corners) for n in ring))
    for n in ring:
        following = n % corners + 1
        lines.append(f"f {n} {following} {following + corners} {n + corners}")
    part = inspect_model(
        shapes.saved(tmp_path, "\n".join(lines).encode()),
        tmp_path / "part.stl",
        shapes.PRINTER,
        max_triangles=shapes.LIMIT,
    )
    assert part.format == "obj"
    assert part.watertight
    assert {warning.code for warning in part.warnings} <= {"thin_walls"}, "tips of stars are thin"
    area = (x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    edges = np.hypot(x - np.roll(x, -1), y - np.roll(y, -1)).sum()
    assert part.volume_mm3 == pytest.approx(10 * area, rel=1e-4)
    assert part.surface_mm2 == pytest.approx(2 * area + 10 * edges, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("\n".join(VERTICES), "no triangles", id="points-only"),
        pytest.param("\n".join([*VERTICES, "l 1 2 3 4"]), "no triangles", id="lines-only"),
        pytest.param("\n".join([*VERTICES, "surf 0 1 0 1 1 2 3 4"]), "free-form", id="surfaces"),
        pytest.param(TEXT + "surf 0 1 0 1 1 2 3 4", "free-form", id="surfaces-and-polygons"),
        pytest.param(TEXT + TEXT, "a second model", id="two-files-in-one"),
        pytest.param(TEXT + "v 0 0 9\n" * 4 + FACES[0], "a second model", id="another-behind"),
        pytest.param(TEXT + "call other.obj", "something else", id="another-file"),
        pytest.param(TEXT + "csh rm part", "something else", id="command"),
        pytest.param(TEXT + "hello", "after 8 vertices", id="other-words"),
        pytest.param(TEXT + "F 1 2 3", "something else", id="upper-case"),
        pytest.param(TEXT + "f", "fewer than three", id="no-corners"),
        pytest.param(TEXT + "f 1 2", "fewer than three", id="two-corners"),
        pytest.param(TEXT + "f 0 1 2", "names a vertex", id="number-zero"),
        pytest.param(TEXT + "f 1 2 9", "names a vertex", id="beyond-the-last"),
        pytest.param(TEXT + "f 1 2 -9", "names a vertex", id="before-the-first"),
        pytest.param("v 0 0 0\nf -1 -2 -3\nv 1 0 0\nv 0 1 0", "names a vertex",
                     id="backwards-too-early"),
        pytest.param(TEXT + "f 1 2 4294967297", "names a vertex", id="wraps-to-one"),
        pytest.param(TEXT + "f 1 2 -9223372036854775808", "names a vertex", id="lowest-integer"),
        pytest.param(TEXT + "f 1 2 99999999999999999999", "numbers of vertices", id="huge-number"),
        pytest.param(TEXT + f"f 1 2 {'9' * 5000}", "numbers of vertices", id="endless-number"),
        pytest.param(TEXT + "f 1 2 1_1", "numbers of vertices", id="underscore-in-face"),
        pytest.param(TEXT + "f 1 2 3.0", "numbers of vertices", id="fraction"),
        pytest.param(TEXT + "f 1 2 //", "numbers of vertices", id="slashes-only"),
        pytest.param(TEXT + "f 1 2 /3", "numbers of vertices", id="slash-first"),
        pytest.param(TEXT + "f 1 2 3/a", "numbers of vertices", id="letter-as-texture"),
        pytest.param(TEXT + "f 1 2 3 \\", "numbers of vertices", id="continued-nowhere"),
        pytest.param(TEXT + "v 1 2", "Vertex 9 ", id="two-numbers"),
        pytest.param(TEXT + "v 1 2 3 4 5", "Vertex 9 ", id="five-numbers"),
        pytest.param(TEXT + "v 1 2 3 4 5 6 7 8", "Vertex 9 ", id="eight-numbers"),
        pytest.param(TEXT.replace("20.0", "20,0"), "Vertex 2 ", id="decimal-comma"),
        pytest.param(TEXT.replace("20.0", "2_0.0"), "Vertex 2 ", id="underscore"),
        pytest.param(TEXT + "v 0x1p4 0 0", "Vertex 9 ", id="hexadecimal"),
        pytest.param(TEXT + "v nan 0 0", "Vertex 9 ", id="nan"),
        pytest.param(TEXT + "v 0 -inf 0", "Vertex 9 ", id="infinity"),
        pytest.param(TEXT + "v 0 1e39 0", "Vertex 9 ", id="beyond-float32"),
        pytest.param(TEXT + "v \u0662 0 0", "Vertex 9 ", id="arabic"),
        pytest.param(TEXT + "v 1/1 0 0", "Vertex 9 ", id="slash-in-vertex"),
    ],
)  # fmt: skip
def test_what_is_no_obj_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """A guess at half-readable text would be a guess at a price."""
    assert reason in refusal(tmp_path, text)


def test_refusals_never_repeat_the_text(tmp_path: Path) -> None:
    """Names and words are the caller's; they stay out of answers and logs."""
    for text in ("S3CRET 1 2", "v S3CRET 0 0", "f S3CRET 1 2"):
        assert "S3CRET" not in refusal(tmp_path, f"o S3CRET\n{TEXT}{text}")


@pytest.mark.parametrize("piece_bytes", [*range(40, 60), 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", " \\\n\n", "# \\\r\n"])
def test_where_pieces_are_cut_makes_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece_bytes: int, end: str
) -> None:
    """A cut can fall into any word, number, comment, continuation or line end."""
    monkeypatch.setattr(obj_lines, "PIECE_BYTES", piece_bytes)
    monkeypatch.setattr(obj_lines, "MAX_LINE_BYTES", 40)
    assert (read(tmp_path, from_the_end().replace("\n", end)) == CUBE).all()
    assert "longer than" in refusal(tmp_path, TEXT.replace("\n", end, 9) + "g" * 41)


def test_too_many_triangles_are_counted_to_the_end_and_refused(tmp_path: Path) -> None:
    """The caller learns how far over the limit the model is; nothing is kept meanwhile."""
    said = refusal(tmp_path, TEXT + "f 1 2 3\n" * 100_000, limit=11)
    assert "100,012 triangles" in said
    assert "at most 11" in said
    assert len(read(tmp_path, TEXT, limit=12)) == 12


def test_more_vertices_than_triangles_can_use_are_refused(tmp_path: Path) -> None:
    """A list of points without end would fill the memory before the first face."""
    assert "more than 36 vertices" in refusal(tmp_path, "v 0 0 0\n" * 29 + TEXT, limit=12)
    assert len(read(tmp_path, TEXT + "v 0 0 0\n" * 28, limit=12)) == 12


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("repeated", "size"),
    [
        pytest.param(b"a", 20 * MEBIBYTE, id="single-line"),
        pytest.param(b"\n# ", 2 * MEBIBYTE, id="comments"),
        pytest.param(b"\\\n", 20 * MEBIBYTE, id="continued-without-end"),
        pytest.param(b"\r", 2 * MEBIBYTE, id="empty-lines"),
        pytest.param(b"\nvt 0 0", 2 * MEBIBYTE, id="texture"),
        pytest.param(b"\nv 0 0 0", 4 * MEBIBYTE, id="vertices"),
        pytest.param(b"\nf 1 1 1", 1 * MEBIBYTE, id="triangles-of-one-point"),
        pytest.param(b"\nf" + b" 1" * 30_000, 2 * MEBIBYTE, id="polygons-as-long-as-a-line"),
        pytest.param(b"\nf 1 2 5 1 4 3 2 1 6 2 3 5 8 6 7 1 3 2 5", 1 * MEBIBYTE, id="tangles"),
    ],
)
def test_b10_hostile_text_is_bounded_in_time_and_memory(
    tmp_path: Path, repeated: bytes, size: int
) -> None:
    """B10: read piece by piece, with one allowance for vertices, corners and work."""
    path = shapes.saved(tmp_path, TEXT.encode() + repeated * (size // len(repeated)) + b"\nf 1")
    tracemalloc.start()
    try:
        with pytest.raises(ModelInvalid):
            inspect_model(path, tmp_path / "part.stl", shapes.PRINTER, max_triangles=100_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    path.unlink()
    assert peak < 32 * MEBIBYTE


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"v 1 2 3\n", id="vertex"),
        pytest.param(b"vn 0.0 -1e-3 1\nv", id="normal"),
        pytest.param(b"# made by hand\n\n#\nv 1 2 3", id="comments-first"),
        pytest.param(b"\xef\xbb\xbf# x\r\nv .5 2 3", id="byte-order-mark"),
        pytest.param(b"mtllib a.mtl\no part\ng a b\ns 1\nusemtl red\nv 1 2 3", id="names-first"),
        pytest.param(b"g\nv 1 2 3", id="a-group-without-a-name"),
        pytest.param(b"o\r\nv 1 2 3", id="an-object-without-a-name"),
        pytest.param(b"lod 3\nbevel on\np 1\nl 1 2\nvn 1 0 0", id="other-words-first"),
        pytest.param(b"f 1 2 3\nv 1 2 3\n", id="face-first"),
        pytest.param(b"v \\\n1 2 3", id="continued"),
        pytest.param((b"#" + b" licence" * 900)[:4096], id="one-long-comment"),
        pytest.param((b"# a\n" + b"g part of a part\n" * 300)[:4096], id="groups-only-so-far"),
        pytest.param((b"# licence\n" * 500)[:4096], id="comments-only-so-far"),
    ],
)
def test_it_is_known_by_its_first_numbers(head: bytes) -> None:
    """Whatever stands in front of them is a comment or a name."""
    assert recognise(head, 5000).name == "obj"


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"v for victory\n", id="prose"),
        pytest.param(b"o Romeo, Romeo\nwherefore", id="verse"),
        pytest.param(b"v 1 2 3\n\0\1", id="binary"),
        pytest.param(b"#!/bin/sh\n# v\n" * 400, id="script"),
        pytest.param(b"# a note\nhello", id="comment-and-text"),
        pytest.param(b"# a note\n", id="one-comment"),
        pytest.param(b"o part\n", id="name-only"),
        pytest.param(b"x,y,z\n1,2,3\n", id="table"),
    ],
)
def test_other_text_is_not_taken_for_it(head: bytes) -> None:
    """Its sender should hear what the file looks like, not what is wrong with an OBJ."""
    with pytest.raises(ModelFormat):
        recognise(head, len(head))


@pytest.mark.parametrize("head", [b"o a\n" * 1024, b" " * 4096, b"v" + b" 1" * 2047, b"\n#" * 2048])
def test_no_head_takes_long(head: bytes) -> None:
    """The pattern cannot backtrack over the head."""
    assert recognise(head + b"\nv 1 2 3", 9000).name == "obj"


@pytest.mark.parametrize(("path", "figures"), params(known(".obj")))
def test_a_real_part_has_its_known_figures(tmp_path: Path, path: Path, figures: Known) -> None:
    """Measured by other programs; ours must agree."""
    part = inspect_model(path, tmp_path / "part.stl", shapes.PRINTER, max_triangles=shapes.LIMIT)
    assert (part.triangles, part.bodies) == (figures["triangles"], figures["parts"])
    assert part.dimensions_mm == pytest.approx(figures["box_mm"], abs=0.01)
    # Its quads are bent, and the figures are those of another diagonal.
    assert part.volume_mm3 / 1000 == pytest.approx(figures["volume_cm3"], rel=5e-3)
    assert part.watertight

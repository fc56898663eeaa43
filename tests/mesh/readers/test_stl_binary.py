"""Binary STL, true and lying."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from stl import Mode
from stl.mesh import Mesh as StlMesh

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.mesh.readers.stl_binary import RECORD, fits, resembles
from pricing_fdm.mesh.triangles import CHUNK_TRIANGLES, Reading
from tests.mesh import shapes

MEBIBYTE = 1024 * 1024


def read(folder: Path, content: bytes, limit: int = shapes.LIMIT) -> Reading:
    name, reading = read_model(shapes.saved(folder, content), limit)
    assert name == "stl-binary"
    return reading


def refusal(folder: Path, content: bytes, limit: int = shapes.LIMIT) -> str:
    with pytest.raises(ModelInvalid) as caught:
        read(folder, content, limit)
    return caught.value.detail


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"", id="nul"),
        pytest.param(b"exported by a program".ljust(80), id="blank-padded"),
        pytest.param(b"solid part", id="solid"),
        pytest.param(b"solid ".ljust(80, b"x"), id="solid-without-nul"),
        pytest.param(b"COLOR=\x01\x02\x03\xff", id="colour"),
        pytest.param(b"PK\x03\x04", id="zip-magic"),
    ],
)
def test_a_file_as_long_as_its_count_says_is_read_whatever_its_header(
    tmp_path: Path, header: bytes
) -> None:
    """SolidWorks begins its binary files with "solid"; only the length is proof."""
    reading = read(tmp_path, shapes.binary_stl(shapes.torus(), header))
    assert (reading.corners == shapes.torus()).all()
    assert reading.warnings == ()


def test_what_numpy_stl_writes_is_read_as_it_reads_it_itself(tmp_path: Path) -> None:
    """The reader is ours; writer and second reader are not."""
    path = tmp_path / "theirs.stl"
    records = np.zeros(len(shapes.torus()), dtype=StlMesh.dtype)
    records["vectors"] = shapes.torus()
    StlMesh(records).save(str(path), mode=Mode.BINARY)
    _, reading = read_model(path, shapes.LIMIT)
    theirs = StlMesh.from_file(str(path), calculate_normals=False, mode=Mode.BINARY)
    assert (reading.corners == theirs.vectors).all()
    assert (reading.corners == shapes.torus()).all()


def test_more_triangles_than_one_chunk_are_read_in_order(tmp_path: Path) -> None:
    """The file is read in pieces; none may be lost or moved."""
    corners = np.arange((CHUNK_TRIANGLES + 5) * 9, dtype=np.float32).reshape(-1, 3, 3)
    assert (read(tmp_path, shapes.binary_stl(corners)).corners == corners).all()


@pytest.mark.parametrize(
    ("count", "detail"),
    [
        pytest.param(0, "no triangles", id="zero"),
        pytest.param(2_147_483_649, "promises 2,147,483,649 triangles", id="wraps-to-50-bytes"),
        pytest.param(4_294_967_295, "promises 4,294,967,295 triangles", id="all-ones"),
        pytest.param(shapes.LIMIT + 1, "promises 1,000,001 triangles", id="over-the-limit"),
    ],
)
@pytest.mark.parametrize("held", [0, 1])
def test_b8_a_lying_count_costs_nothing(tmp_path: Path, count: int, detail: str, held: int) -> None:
    """B8: 32-bit arithmetic would pass these files and allocate by the promise."""
    content = shapes.binary_stl(shapes.cube()[:held], count=count)
    tracemalloc.start()
    try:
        said = refusal(tmp_path, content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (detail if count or not held else "promises 0 triangles") in said
    assert peak < MEBIBYTE


def test_b8_too_many_triangles_are_refused_unread(tmp_path: Path) -> None:
    """B8: one more than the limit, all of them there."""
    said = refusal(tmp_path, shapes.binary_stl(shapes.cube()), limit=11)
    assert "12 triangles" in said
    assert "at most 11" in said
    assert len(read(tmp_path, shapes.binary_stl(shapes.cube()), limit=12).corners) == 12


@pytest.mark.parametrize("missing_bytes", [1, 49, 50, 300])
def test_a_truncated_file_is_refused_with_both_numbers(tmp_path: Path, missing_bytes: int) -> None:
    """Half a part would be quoted at half its price."""
    content = shapes.binary_stl(shapes.torus())[:-missing_bytes]
    said = refusal(tmp_path, content)
    assert "promises 576 triangles" in said
    assert f"holds {(len(content) - 84) // 50}" in said


@pytest.mark.parametrize("header", [b"", b"solid part"])
def test_bytes_after_the_last_triangle_are_ignored_with_a_warning(
    tmp_path: Path, header: bytes
) -> None:
    """Some programs append a line end or a note."""
    reading = read(tmp_path, shapes.binary_stl(shapes.cube(), header, trailing=b"\0" * 73))
    assert [warning.code for warning in reading.warnings] == ["trailing_bytes"]
    assert "73" in reading.warnings[0].message
    assert (reading.corners == shapes.cube()).all()


@pytest.mark.parametrize("copies", [2, 3, 26])
def test_files_joined_into_one_are_read_together(tmp_path: Path, copies: int) -> None:
    """`copy /b` and upload forms do that; half of the goods at half the price is no answer."""
    pieces = [shapes.cube(5.0, (10.0 * number, 0, 0)) for number in range(copies)]
    reading = read(tmp_path, b"".join(map(shapes.binary_stl, pieces)))
    assert (reading.corners == np.concatenate(pieces)).all()
    assert reading.warnings == ()


def test_joined_files_obey_the_limit_together(tmp_path: Path) -> None:
    """Each of them is small enough."""
    two = shapes.binary_stl(shapes.cube()) * 2
    assert "24 triangles" in refusal(tmp_path, two, limit=23)
    assert len(read(tmp_path, two, limit=24).corners) == 24


@pytest.mark.parametrize(
    "behind",
    [
        shapes.ascii_stl(shapes.cube()),
        shapes.binary_stl(shapes.cube()) + b"\n",
        b"PK\3\4" + bytes(99),
        b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n",
        b"\nISO-10303-21;\nHEADER;\n",
    ],
    ids=["ascii", "binary and a line end", "3mf", "obj", "step"],
)
def test_any_other_model_behind_the_triangles_is_refused(tmp_path: Path, behind: bytes) -> None:
    """It is not "trailing bytes": somebody wants it printed."""
    assert "another model behind" in refusal(tmp_path, shapes.binary_stl(shapes.cube()) + behind)


def test_whole_triangles_after_the_last_one_contradict_the_count(tmp_path: Path) -> None:
    """A count that is too small would price a part of the part."""
    said = refusal(tmp_path, shapes.binary_stl(shapes.torus(), count=500))
    assert "promises 500" in said
    assert "holds 576" in said


@pytest.mark.parametrize("header", [b"", b"solid part"])
@pytest.mark.parametrize("by", [-10, -1, 1, 10])
def test_a_closed_surface_outweighs_a_count_that_is_wrong_by_a_few(
    tmp_path: Path, header: bytes, by: int
) -> None:
    """Some programs count what they then leave out; nothing of the part is missing."""
    reading = read(tmp_path, shapes.binary_stl(shapes.torus(), header, count=576 + by))
    assert [warning.code for warning in reading.warnings] == ["count_corrected"]
    assert f"promises {576 + by} triangles, the file holds 576" in reading.warnings[0].message
    assert (reading.corners == shapes.torus()).all()


@pytest.mark.parametrize("count", [565, 587])
def test_a_count_that_is_wrong_by_more_is_refused(tmp_path: Path, count: int) -> None:
    """Where a whole body may be missing, a closed surface is no proof."""
    assert f"promises {count}" in refusal(tmp_path, shapes.binary_stl(shapes.torus(), count=count))


def test_a_miscounted_file_obeys_the_limit(tmp_path: Path) -> None:
    """What counts is what would be read."""
    assert "12 triangles" in refusal(tmp_path, shapes.binary_stl(shapes.cube(), count=11), limit=11)


def test_a_miscounted_file_with_a_signalling_nan_is_refused(tmp_path: Path) -> None:
    """Found by the fuzz, binary STL 1563 of seed 1: numpy warns when it adds to one."""
    content = bytearray(shapes.binary_stl(shapes.cube(), count=11))
    content[96:100] = b"\x01\x00\x80\x7f"
    assert "not a finite number" in refusal(tmp_path, bytes(content))


def test_a_miscounted_file_without_any_area_is_left_to_the_judgement(tmp_path: Path) -> None:
    """Nothing of it is open."""
    corners = np.ones((4, 3, 3), dtype=np.float32)
    assert len(read(tmp_path, shapes.binary_stl(corners, count=3)).corners) == 4


def test_a_record_is_fifty_bytes() -> None:
    """The layout is numpy-stl's; a change there must not pass unnoticed."""
    assert RECORD.itemsize == 50
    one = np.frombuffer(struct.pack("<12fH", *range(12), 0xABCD), dtype=RECORD)[0]
    assert one["vectors"].tolist() == [[3, 4, 5], [6, 7, 8], [9, 10, 11]]
    assert int(one["attr"][0]) == 0xABCD


@pytest.mark.parametrize("head", [b"", b"solid", bytes(83)])
def test_less_than_a_prefix_is_no_binary_stl(head: bytes) -> None:
    """A short file has no count to look at."""
    assert not fits(head, len(head))
    assert not resembles(head)

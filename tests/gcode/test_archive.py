"""B11: Hostile and broken archives end in one error, quickly, with nothing written."""

from __future__ import annotations

import contextlib
import io
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.gcode import archive
from pricing_fdm.gcode.archive import member_chunks

MEMBER = "Metadata/plate_1.gcode"
GCODE = b"; total layers count = 3\nG1 X1 Y2 E.5\n" * 20
LOCAL_HEADER = 30


def zipped(
    *entries: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytearray:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as output:
        for name, data in entries:
            output.writestr(name, data)
        output.comment = comment
    return bytearray(target.getvalue())


def directory_at(data: bytearray, entry: int = 0) -> int:
    """Offset of the n-th record of the central directory."""
    at = -1
    for _ in range(entry + 1):
        at = data.index(b"PK\1\2", at + 1)
    return at


def patched(data: bytearray, at: int, form: str, value: int) -> bytearray:
    struct.pack_into(form, data, at, value)
    return data


def read(folder: Path, data: bytes | bytearray) -> bytes:
    path = folder / "out.3mf"
    path.write_bytes(data)
    with path.open("rb") as file:
        return b"".join(member_chunks(file, MEMBER))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(zipped((MEMBER, GCODE)), id="deflated"),
        pytest.param(zipped((MEMBER, GCODE), compression=zipfile.ZIP_STORED), id="stored"),
        pytest.param(zipped(("a", b"1"), (MEMBER, GCODE), ("b", b"2")), id="among-others"),
        pytest.param(zipped((MEMBER, GCODE), comment=b"x" * 60_000), id="long-comment"),
        pytest.param(zipped((MEMBER, b"")), id="empty-member"),
        pytest.param(b"prefix" + zipped((MEMBER, GCODE)), id="bytes-before-the-archive"),
    ],
)
def test_an_honest_archive_gives_its_member(tmp_path: Path, data: bytes) -> None:
    """The checks refuse no archive that a slicer writes."""
    assert read(tmp_path, data) in {GCODE, b""}


def one_name_twice() -> bytearray:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return zipped((MEMBER, GCODE), (MEMBER, GCODE))


def many_entries() -> bytearray:
    return zipped(
        *((f"{number:06}", b"") for number in range(100_000)),
        (MEMBER, GCODE),
        compression=zipfile.ZIP_STORED,
    )


def lying_zip64_locator() -> bytearray:
    """The plain record says one entry; the zip64 record, which counts, claims 4 GiB of them."""
    data = zipped((MEMBER, GCODE))
    start = directory_at(data)
    size = data.index(b"PK\5\6") - start
    end = data[start + size :]
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, 1 << 32, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1)
    return data[: start + size] + record + locator + end


def declared(form: str, offset: int, value: int) -> bytearray:
    data = zipped((MEMBER, GCODE))
    return patched(data, directory_at(data) + offset, form, value)


def overlapping() -> bytearray:
    """Both directory records point at the same local header."""
    data = zipped((MEMBER, GCODE), (MEMBER.replace("1", "2"), GCODE))
    return patched(data, directory_at(data, 1) + 42, "<L", 0)


def damaged() -> bytearray:
    data = zipped((MEMBER, GCODE))
    data[LOCAL_HEADER + len(MEMBER) + 4] ^= 0xFF
    return data


def wrong_crc() -> bytearray:
    data = zipped((MEMBER, GCODE), compression=zipfile.ZIP_STORED)
    data[LOCAL_HEADER + len(MEMBER)] ^= 0xFF
    return data


HOSTILE: dict[str, Callable[[], bytes | bytearray]] = {
    "not-a-zip": lambda: b"; total layers count = 3\n",
    "empty-file": lambda: b"",
    "cut-in-half": lambda: zipped((MEMBER, GCODE * 50))[:300],
    "member-missing": lambda: zipped(("Metadata/plate_2.gcode", GCODE)),
    "member-in-another-case": lambda: zipped((MEMBER.upper(), GCODE)),
    "member-reached-by-dots": lambda: zipped(("x/../" + MEMBER, GCODE)),
    "name-cut-by-nul": lambda: zipped((MEMBER + "~evil", GCODE)).replace(b"~evil", b"\0evil"),
    "one-name-twice": one_name_twice,
    "hundred-thousand-entries": many_entries,
    "zip64-directory-of-4-gib": lying_zip64_locator,
    "encrypted": lambda: declared("<H", 8, 1),
    "method-lzma": lambda: zipped((MEMBER, GCODE), compression=zipfile.ZIP_LZMA),
    "method-unknown": lambda: declared("<H", 10, 97),
    "declared-too-large": lambda: declared("<L", 24, 1024**3 + 1),
    "ratio-of-zeros": lambda: zipped((MEMBER, b"0" * 5_000_000)),
    "declared-larger-than-real": lambda: declared("<L", 24, len(GCODE) + 1),
    "declared-smaller-than-real": lambda: declared("<L", 24, len(GCODE) - 1),
    "overlapping-entries": overlapping,
    "damaged-data": damaged,
    "wrong-crc": wrong_crc,
    "header-offset-outside": lambda: declared("<L", 42, 0x7FFFFFFF),
}


@pytest.mark.parametrize("build", [pytest.param(case, id=name) for name, case in HOSTILE.items()])
def test_a_hostile_archive_is_refused(
    tmp_path: Path, build: Callable[[], bytes | bytearray]
) -> None:
    """Each trick ends in the same error; which one it was stands in the log only."""
    data = build()
    path = tmp_path / "out.3mf"
    path.write_bytes(data)
    tracemalloc.start()
    began = time.thread_time()
    with (
        path.open("rb") as file,
        pytest.raises(ResultIncomplete, match="result file is damaged") as caught,
    ):
        list(member_chunks(file, MEMBER))
    spent_s = time.thread_time() - began
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert spent_s < 2
    assert peak_bytes < 4 * 1024**2
    assert caught.value.log_detail
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.3mf"]


def test_a_member_at_the_size_limit_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit itself is allowed, one byte more is not."""
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", len(GCODE))
    assert read(tmp_path, zipped((MEMBER, GCODE))) == GCODE
    with pytest.raises(ResultIncomplete):
        read(tmp_path, zipped((MEMBER, GCODE + b"\n")))


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(position=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255))
def test_no_flipped_byte_escapes_as_another_error(
    tmp_path_factory: pytest.TempPathFactory, position: float, value: int
) -> None:
    """Whatever is broken, the caller sees `result_incomplete` or the true bytes."""
    data = zipped(("[Content_Types].xml", b"<x/>"), (MEMBER, GCODE))
    data[int(position * len(data))] = value
    with contextlib.suppress(ResultIncomplete):
        assert read(tmp_path_factory.mktemp("flipped"), data) == GCODE

"""B11: Hostile and broken archives end in a refusal, quickly, with nothing written."""

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

from pricing_fdm.errors import ModelError, ModelInvalid
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.mesh.readers.threemf.budget import Budget
from pricing_fdm.mesh.readers.threemf.package import Package, part_name
from pricing_fdm.zip_archive import HARMLESS_BYTES
from tests.mesh import shapes
from tests.mesh.threemf_writer import ROOT, directory_at, package, patched, zipped

MEBIBYTE = 1024 * 1024
SPACES = "<model>" + " " * 20 * MEBIBYTE
ROOT_ENTRY = 2
"""The place of the root part in the directory of `package()`."""


def unpack(opened: Package, *names: str) -> int:
    """How many bytes the parts have, none of which is kept."""
    return sum(len(chunk) for name in names for chunk in opened.chunks(name))


def declared(form: str, offset: int, value: int) -> bytearray:
    """The root part's record in the directory with one field changed."""
    data = package()
    return patched(data, directory_at(data, ROOT_ENTRY) + offset, form, value)


@pytest.mark.parametrize(
    "content",
    [
        package() + package(),
        package() + shapes.binary_stl(shapes.cube()),
        package() + shapes.ascii_stl(shapes.cube()),
        b"PK\3\4" + bytes(40) + package(),
    ],
    ids=["3mf", "binary stl", "ascii stl", "something in front"],
)
def test_a_second_model_beside_the_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    """`zipfile` finds one archive wherever it lies, and would say nothing of the other."""
    with pytest.raises(ModelInvalid, match="is not alone"):
        read_model(shapes.saved(tmp_path, bytes(content)), shapes.LIMIT)


@pytest.mark.parametrize("behind", [b"\r\n", b"\0" * 5000, b"--boundary--"])
def test_a_few_bytes_behind_the_archive_do_no_harm(tmp_path: Path, behind: bytes) -> None:
    """Upload forms and block copies leave them."""
    source = shapes.saved(tmp_path, bytes(package()) + behind)
    assert len(read_model(source, shapes.LIMIT)[1].corners) == 12


def many_entries() -> bytearray:
    """The one record of the directory, a hundred thousand times."""
    data = zipped({ROOT: ""})
    start, end = directory_at(data), data.index(b"PK\5\6")
    record, closing = data[start:end], data[end:]
    patched(closing, 12, "<L", 100_000 * len(record))
    return data[:start] + record * 100_000 + closing


def lying_zip64_locator() -> bytearray:
    """The plain record says three entries; the zip64 record, which counts, claims 4 GiB of them."""
    data = package()
    start = directory_at(data)
    size = data.index(b"PK\5\6") - start
    end = data[start + size :]
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, 1 << 32, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1)
    return data[: start + size] + record + locator + end


def one_name_twice() -> bytearray:
    data = package(parts={ROOT.replace("3d", "xx"): "<model/>"})
    return bytearray(data.replace(ROOT.replace("3d", "xx").encode(), ROOT.upper().encode()))


def overlapping() -> bytearray:
    """The record of the root part points at the header of the part before it."""
    data = package()
    (offset,) = struct.unpack_from("<L", data, directory_at(data, ROOT_ENTRY - 1) + 42)
    return patched(data, directory_at(data, ROOT_ENTRY) + 42, "<L", offset)


def flipped(offset_from_name: int, compression: int) -> bytearray:
    """One byte of the root part's data changed."""
    data = zipped({ROOT: b"<model/>" * 50}, compression)
    data[data.index(ROOT.encode()) + len(ROOT) + offset_from_name] ^= 0xFF
    return data


HOSTILE: dict[str, tuple[Callable[[], bytes | bytearray], str]] = {
    "cut-in-half": (lambda: package()[:300], "no complete ZIP"),
    "magic-only": (lambda: b"PK\3\4", "no complete ZIP"),
    "hundred-thousand-entries": (many_entries, "more parts than we read"),
    "zip64-directory-of-4-gib": (lying_zip64_locator, "no complete ZIP"),
    "one-name-twice": (one_name_twice, "two parts of the same name"),
    "encrypted": (lambda: declared("<H", 8, 1), "encrypted"),
    "method-lzma": (lambda: zipped({ROOT: b"a"}, zipfile.ZIP_LZMA), "compressed in a way"),
    "method-unknown": (lambda: declared("<H", 10, 97), "compressed in a way"),
    "ratio-of-spaces": (lambda: package(SPACES), "more than 200 times"),
    "declared-as-large": (lambda: declared("<L", 24, 0x7FFFFFFF), "more than 200 times"),
    "declared-larger-than-real": (lambda: declared("<L", 24, 5000), "shorter than the archive"),
    "declared-smaller-than-real": (lambda: declared("<L", 24, 100), "no complete ZIP"),
    "overlapping-entries": (overlapping, "overlap"),
    "damaged-data": (lambda: flipped(4, zipfile.ZIP_DEFLATED), "no complete ZIP"),
    "wrong-crc": (lambda: flipped(0, zipfile.ZIP_STORED), "no complete ZIP"),
    "header-offset-outside": (lambda: declared("<L", 42, 0x7FFFFFFF), "no complete ZIP"),
}


@pytest.mark.parametrize(
    ("build", "reason"), [pytest.param(*case, id=name) for name, case in HOSTILE.items()]
)
def test_b11_a_hostile_archive_is_refused(
    tmp_path: Path, build: Callable[[], bytes | bytearray], reason: str
) -> None:
    """B11: bounded before it is read, counted while it is read, and nothing of it on disk."""
    path = shapes.saved(tmp_path, bytes(build()))
    tracemalloc.start()
    began = time.thread_time()
    with path.open("rb") as file, pytest.raises(ModelInvalid) as caught:
        unpack(Package(file, Budget(shapes.LIMIT)), ROOT)
    spent_s = time.thread_time() - began
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reason in caught.value.detail
    assert spent_s < 2
    assert peak_bytes < 4 * MEBIBYTE
    assert len(list(tmp_path.iterdir())) == 1


def test_b11_unpacked_bytes_are_counted_over_all_parts(tmp_path: Path) -> None:
    """Parts that are below every limit may be too much together."""
    parts = {f"{number}": bytes(HARMLESS_BYTES) for number in range(20)}
    with shapes.saved(tmp_path, bytes(zipped(parts))).open("rb") as file:
        opened = Package(file, Budget(4))
        assert unpack(opened, "0") == HARMLESS_BYTES
        with pytest.raises(ModelInvalid, match="unpacks to more"):
            unpack(opened, *parts)


@pytest.mark.parametrize(
    "reference", ["", "/", "//a", "../a", "/a/../b", "a/./b", "/a//b", "/a/", ".."]
)
def test_references_out_of_the_package_are_refused(reference: str) -> None:
    """Such names are not even looked up."""
    with pytest.raises(ModelInvalid, match="outside of itself"):
        part_name(reference)


def test_a_zip64_archive_is_read(tmp_path: Path) -> None:
    """Programs that write a stream do not know the sizes beforehand and use the larger fields."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(ROOT, "w", force_zip64=True) as part,
    ):
        part.write(b"<model/>")
    with shapes.saved(tmp_path, target.getvalue()).open("rb") as file:
        opened = Package(file, Budget(4))
        assert opened.has("3d/3DMODEL.model")
        assert b"".join(opened.chunks(ROOT)) == b"<model/>"


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(position=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255))
def test_no_flipped_byte_escapes_as_another_error(
    tmp_path_factory: pytest.TempPathFactory, position: float, value: int
) -> None:
    """Whatever is broken, the caller sees a model error or the true cube."""
    data = package()
    data[int(position * len(data))] = value
    path = shapes.saved(tmp_path_factory.mktemp("flipped"), bytes(data))
    with contextlib.suppress(ModelError):
        assert (read_model(path, shapes.LIMIT)[1].corners == shapes.cube()).all()

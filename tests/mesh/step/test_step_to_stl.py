"""The child's own work, run here without a sandbox on files that do no harm."""

from __future__ import annotations

import errno
import io
import os
import runpy
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cascadio
import pytest

from pricing_fdm.mesh.step import step_to_stl
from pricing_fdm.mesh.step.end import End
from pricing_fdm.mesh.step.step_to_stl import main, read_obj
from tests.mesh.step.step_files import one

OBJ = b"""# Exported
#  Vertices: 7
g part
v 0.000000 0.000000 0.000000
v 1.000000 0.000000 0.000000
v 0.000000 2.500000 0.000000
vn 0.000000 0.000000 1.000000
f 1//1 2//1 3//1
g part
v 0 0 1
v 1 0 1
v 0 1 1
v 1 1 1
vt 0.0 0.0
f 4/1/1 5/1/1 6/1/1
f 5 7 6
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The child works where it stands, and answers a signal that Python ignores."""
    monkeypatch.chdir(tmp_path)
    handler = signal.getsignal(signal.SIGXFSZ)
    yield
    signal.signal(signal.SIGXFSZ, handler)


def convert(content: bytes, max_triangles: int = 10_000) -> tuple[End, str]:
    """How it ended, and what it told."""
    Path("upload").write_bytes(content)
    report = io.StringIO()
    return main(["upload", "mesh.stl", str(max_triangles)], report), report.getvalue()


def test_the_mesh_is_a_binary_stl_as_long_as_it_says() -> None:
    """The mesh stage is certain of such a file; and nothing else is left to take up room."""
    assert convert(one("box", (1, 2, 3))) == (End.DONE, "0 of 6, 0, 0 of 1\n")
    content = Path("mesh.stl").read_bytes()
    assert int.from_bytes(content[80:84], "little") == 12
    assert len(content) == 84 + 12 * 50
    assert {path.name for path in Path().iterdir()} == {"upload", "mesh.stl"}


@pytest.mark.parametrize(
    ("content", "end"),
    [
        (b"", End.UNREADABLE),
        (b"ISO-10303-21;", End.UNREADABLE),
        (one("box", (1, 2, 3)).replace(b"MANIFOLD_SOLID_BREP", b"UNHEARD_OF"), End.UNREADABLE),
        (one("box", (1, 2, 3)).replace(b"PLANE(", b"UNHEARD_OF(", 1), End.FACES_LOST),
        (one("box", (1, 2, 3)).replace(b"CLOSED_SHELL", b"UNHEARD_OF"), End.SOLIDS_LOST),
        (one("skin", 5, 20), End.ONLY_SURFACES),
        (one("box", (1, 2, 3)) + one("box", (3, 2, 1)), End.SEVERAL_FILES),
        (one("prism", 101, 5, 5), End.TOO_MANY_TRIANGLES),
        (one("cylinder", 5, 5), End.TOO_MANY_TRIANGLES),
    ],
    ids=[
        *("empty", "nothing behind the mark", "no solid", "a face lost", "a solid lost"),
        *("surfaces alone", "two files in one", "too many faces", "too many triangles"),
    ],
)
def test_what_cannot_be_converted_ends_with_its_own_code(content: bytes, end: End) -> None:
    """The parent knows the sentence for each."""
    assert convert(content, max_triangles=100) == (end, "")


def test_a_few_faces_among_many_may_be_lost() -> None:
    """OCCT fails at slivers in files that are good otherwise; how many is told."""
    broken = one("prism", 118, 50, 5).replace(b"PLANE(", b"UNHEARD_OF(", 1)
    assert convert(broken) == (End.DONE, "1 of 120, 0, 0 of 1\n")


def test_a_byte_order_mark_is_no_obstacle() -> None:
    """OCCT itself takes it for a mistake."""
    assert convert(b"\xef\xbb\xbf" + one("box", (1, 2, 3)))[0] is End.DONE


def test_an_obj_is_read_face_by_face() -> None:
    """Corners are counted through the whole file; groups of points tell the faces apart."""
    mesh = read_obj(OBJ.splitlines(keepends=True))
    assert mesh.faces == (1, 1)
    assert mesh.points.tolist()[2] == [0, 2.5, 0]
    assert mesh.corners.tolist() == [[0, 1, 2], [3, 4, 5], [4, 6, 5]]


@pytest.mark.parametrize("line", [b"v 1 2", b"v 1 2 x", b"f 1 2", b"f 1 2 x"])
def test_an_obj_of_another_kind_is_an_error(line: bytes) -> None:
    """Better than a mesh that is put together wrongly."""
    with pytest.raises(ValueError, match=r"reshape|convert|invalid"):
        read_obj([line])


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (MemoryError(), End.OUT_OF_MEMORY),
        (RuntimeError("Standard_OutOfRange"), End.UNREADABLE),
        (IndexError(), End.UNREADABLE),
    ],
    ids=["memory", "an exception of OCCT", "an exception of ours"],
)
def test_whatever_is_thrown_at_a_file_is_a_verdict_on_it(
    error: Exception, end: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's own exit code would count as a fault of the service."""

    def fail(*_: Any, **__: Any) -> int:
        raise error

    monkeypatch.setattr(cascadio, "step_to_obj", fail)
    assert convert(one("box", (1, 2, 3))) == (end, "")


def test_a_full_disk_is_not_the_files_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """OCCT says no more than that it has failed."""

    def fail(*_: Any, **__: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(cascadio, "step_to_obj", fail)
    usage = shutil.disk_usage(".")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=4096))
    assert convert(one("box", (1, 2, 3))) == (End.NO_ROOM, "")


def test_as_a_script_it_has_stdout_for_itself(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """OCCT prints what it likes, and also after the end; the parent must still find the line."""
    Path("upload").write_bytes(one("box", (1, 2, 3)))
    monkeypatch.setattr(sys, "argv", [step_to_stl.__file__, "upload", "mesh.stl", "100"])
    stdout = os.dup(1)
    try:
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(step_to_stl.__file__, run_name="__main__")
        os.write(1, b"OCCT's last words")
    finally:
        os.dup2(stdout, 1)
        os.close(stdout)
    assert ended.value.code == End.DONE
    told = capfd.readouterr()
    assert told.out == "0 of 6, 0, 0 of 1\n"
    assert told.err.endswith("OCCT's last words")

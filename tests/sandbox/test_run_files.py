"""Break-in 3: whatever a program leaves in place of its result, nothing but the result is read."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from pricing_fdm.sandbox import run_files
from pricing_fdm.sandbox.run_files import UnsafeFile

SECRET = b"another customer's model"
MAX_BYTES = 1000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a run, beside which lies what it must not reach."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "out").write_bytes(SECRET)
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def reads(folder: Path, name: str = "out") -> bytes:
    return run_files.read(folder / name, folder, max_bytes=MAX_BYTES)


def test_a_plain_file_is_read_wherever_it_lies(folder: Path) -> None:
    """OrcaSlicer writes into a folder below."""
    (folder / "deep").mkdir()
    (folder / "out").write_bytes(b"one")
    (folder / "deep" / "out").write_bytes(b"two")
    assert (reads(folder), reads(folder, "deep/out")) == (b"one", b"two")


def symlink(out: Path) -> None:
    out.symlink_to(out.parents[1] / "secret" / "out")


def own_symlink(out: Path) -> None:
    (out.parent / "true").write_bytes(b"x")
    out.symlink_to("true")


def linked_folder(out: Path) -> None:
    out.parent.rmdir()
    out.parent.symlink_to(out.parents[2] / "secret")


def hard_link(out: Path) -> None:
    os.link(out.parents[1] / "secret" / "out", out)


def fifo(out: Path) -> None:
    os.mkfifo(out)


def listener(out: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(out))


def too_long(out: Path) -> None:
    with out.open("wb") as file:
        file.truncate(MAX_BYTES + 1)


def closed(out: Path) -> None:
    out.write_bytes(SECRET)
    os.chown(out, 12345, -1) if os.geteuid() == 0 else out.chmod(0)


HOSTILE: dict[str, Callable[[Path], None]] = {
    "a link": symlink,
    "a link to a file of its own": own_symlink,
    "a hard link": hard_link,
    "a FIFO": fifo,
    "a socket": listener,
    "a folder": Path.mkdir,
    "too long a file": too_long,
    "somebody else's file": closed,  # who is not root cannot make one, and tries a closed one
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("leave", HOSTILE.values(), ids=list(HOSTILE))
def test_break_in_3_anything_else_is_refused_at_once(
    folder: Path, leave: Callable[[Path], None]
) -> None:
    """Reading a FIFO would never end; a link leads to another customer's price."""
    leave(folder / "out")
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the kernel
        reads(folder)
    assert not run_files.has_bytes(folder / "out", folder, max_bytes=MAX_BYTES)
    with pytest.raises(OSError):  # noqa: PT011
        run_files.take(folder / "out", folder, folder.parent / "taken", max_bytes=MAX_BYTES)
    assert not os.path.lexists(folder.parent / "taken")
    assert (folder.parent / "secret" / "out").read_bytes() == SECRET


def test_break_in_3_a_link_on_the_way_is_not_followed(folder: Path) -> None:
    """The program owns every folder below its own and may replace it."""
    (folder / "deep").mkdir()
    linked_folder(folder / "deep" / "out")
    assert (folder / "deep" / "out").read_bytes() == SECRET
    with pytest.raises(NotADirectoryError):
        reads(folder, "deep/out")


def test_the_runs_own_folder_is_no_link_either(folder: Path) -> None:
    """One that could be replaced would make all checks below it worthless."""
    folder.rmdir()
    folder.symlink_to(folder.parent / "secret")
    with pytest.raises(NotADirectoryError):
        reads(folder)


def test_a_file_at_the_limit_is_read_and_an_empty_one_has_no_bytes(folder: Path) -> None:
    """The limit itself is allowed."""
    (folder / "out").write_bytes(b"x" * MAX_BYTES)
    assert len(reads(folder)) == MAX_BYTES
    assert run_files.has_bytes(folder / "out", folder, max_bytes=MAX_BYTES)
    (folder / "out").write_bytes(b"")
    assert not run_files.has_bytes(folder / "out", folder, max_bytes=MAX_BYTES)


def test_a_file_that_was_taken_is_the_services_own(folder: Path) -> None:
    """From then on it may be opened by its name."""
    (folder / "out").write_bytes(b"mesh")
    taken = folder.parent / "taken"
    run_files.take(folder / "out", folder, taken, max_bytes=MAX_BYTES)
    assert taken.read_bytes() == b"mesh"
    assert taken.stat().st_uid == os.geteuid()
    assert stat.S_ISREG(taken.lstat().st_mode)
    assert list(folder.iterdir()) == []


def test_break_in_3_a_file_that_is_swapped_while_it_is_taken_is_not_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that escaped may still be at work."""
    (folder / "out").write_bytes(b"mesh")
    rename = os.rename

    def swap_and_rename(source: str, destination: Path, *, src_dir_fd: int) -> None:
        (folder / "out").unlink()
        symlink(folder / "out")
        rename(source, destination, src_dir_fd=src_dir_fd)

    monkeypatch.setattr(os, "rename", swap_and_rename)
    with pytest.raises(UnsafeFile, match="replaced"):
        run_files.take(folder / "out", folder, folder.parent / "taken", max_bytes=MAX_BYTES)
    assert not os.path.lexists(folder.parent / "taken")


def test_no_descriptor_stays_open(folder: Path) -> None:
    """Neither after reading nor after a refusal."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    (folder / "deep").mkdir()
    (folder / "deep" / "out").write_bytes(b"x")
    reads(folder, "deep/out")
    with pytest.raises(FileNotFoundError):
        reads(folder, "deep/none")
    assert len(list(Path("/proc/self/fd").iterdir())) == before

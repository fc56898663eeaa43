"""Break-in 11: on a shared machine nobody else reads uploads, replaces them or has them deleted."""

from __future__ import annotations

import asyncio
import functools
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from pricing_fdm.settings.slicing import Slicing
from pricing_fdm.uploads.private_folder import make_private
from pricing_fdm.uploads.store import UploadStore

KEY = "0123456789abcdef" * 3
OTHER, THIRD = 10001, 10002
roomy = functools.partial(UploadStore, ttl_s=3600, max_bytes=2**40)


async def mesh() -> AsyncIterator[bytes]:
    yield b"mesh"


async def release_all(keys: Sequence[str]) -> Sequence[str]:
    """Nobody needs any."""
    return keys


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_break_in_11_uploads_are_the_services_alone(tmp_path: Path) -> None:
    """They were 0644 in a folder of 0755: whoever has an account could read customers' models."""
    folder = tmp_path / "store"
    key = asyncio.run(roomy(folder.as_uri()).put(mesh()))
    assert (mode(folder), mode(folder / "uploads")) == (0o700, 0o700)
    assert mode(folder / "uploads" / key) == 0o600


def test_break_in_11_what_an_older_version_left_is_closed(tmp_path: Path) -> None:
    """And a folder around it that others need, such as /tmp, is left as it is."""
    own = tmp_path / "uploads"
    own.mkdir(mode=0o755)
    (own / KEY).write_text("mesh")
    tmp_path.chmod(0o755)
    roomy(tmp_path.as_uri())
    assert (mode(own), mode(own / KEY), mode(tmp_path)) == (0o700, 0o600, 0o755)


def linked_folder(store: Path) -> None:
    (store / "away").mkdir()
    (store / "uploads").symlink_to("away")


def link(store: Path) -> None:
    (store / "uploads").mkdir()
    (store / "uploads" / KEY).symlink_to("/etc/passwd")


def two_names(store: Path) -> None:
    (store / "uploads").mkdir()
    (store / "file").touch()
    os.link(store / "file", store / "uploads" / KEY)


def folder_for_file(store: Path) -> None:
    (store / "uploads" / KEY).mkdir(parents=True)


def another_users_store(store: Path) -> None:
    os.chown(store, THIRD, -1)


def another_users_folder(store: Path) -> None:
    (store / "uploads").mkdir()
    os.chown(store / "uploads", THIRD, -1)


def another_users_file(store: Path) -> None:
    (store / "uploads").mkdir()
    (store / "uploads" / KEY).touch()
    os.chown(store / "uploads" / KEY, THIRD, -1)


PREPARED: list[Callable[[Path], None]] = [linked_folder, link, two_names, folder_for_file]
if os.geteuid() == 0:  # nobody else can make a file another user's
    PREPARED += [another_users_store, another_users_folder, another_users_file]


@pytest.mark.parametrize("prepare", PREPARED, ids=lambda prepare: prepare.__name__)
def test_break_in_11_a_folder_that_somebody_prepared_stops_the_start(
    tmp_path: Path, prepare: Callable[[Path], None]
) -> None:
    """The operator reads which path it is, and what to do."""
    store = tmp_path / "store"
    store.mkdir()
    prepare(store)
    with pytest.raises(ValueError, match=f"{store}.*(belongs to user|is a link).*Remove it"):
        roomy(store.as_uri())


def as_other_user(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Runs Python as a second user, where we are root; else as ourselves."""
    become = f"import os; os.setgroups([]); os.setgid({OTHER}); os.setuid({OTHER}); "
    text = f"import os; os.chdir({str(folder)!r}); {become if os.geteuid() == 0 else ''}{text}"
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)


def test_break_in_11_a_second_user_is_refused_the_first_ones_folder(tmp_path: Path) -> None:
    """Two services on one machine; who is not root tries that he is let in to his own."""
    make_private(tmp_path / "store", "uploads")
    (tmp_path / "store" / "uploads" / KEY).write_text("mesh")
    tmp_path.chmod(0o755)
    read = as_other_user(tmp_path, f"print(open('store/uploads/{KEY}').read())")
    if os.geteuid() == 0:
        assert "Permission denied" in read.stderr
    else:
        assert read.stdout == "mesh\n"


def test_break_in_11_only_files_of_ours_are_swept(tmp_path: Path) -> None:
    """By their names: the folder may hold more than uploads."""
    store = UploadStore(tmp_path.as_uri(), ttl_s=-60, max_bytes=2**40)
    key = asyncio.run(store.put(mesh()))
    for name in ("note", f"{KEY}#1", "note#1"):
        (tmp_path / "uploads" / name).touch()
    (tmp_path / "uploads" / f"{KEY}#2").symlink_to("note")
    assert asyncio.run(store.sweep(release_all)) == 2
    left = {path.name for path in (tmp_path / "uploads").iterdir()}
    assert left == {"note", "note#1", f"{KEY}#2"}
    assert key not in left


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_break_in_11_a_temp_dir_of_somebody_else_is_refused(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner could exchange the folders of quotes. Who is not root pretends to be another."""
    theirs = tmp_path / "theirs"
    if kind == "folder":
        theirs.mkdir()
    else:
        theirs.symlink_to(tmp_path)
    if os.geteuid() == 0:
        os.chown(theirs, THIRD, -1, follow_symlinks=False)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: THIRD)
    with pytest.raises(ValueError, match="belongs to user"):
        Slicing(temp_dir=theirs)

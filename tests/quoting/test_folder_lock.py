"""The lock of a folder tells whether its owner lives, and no file of somebody else's is one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pricing_fdm.quoting.folder_lock import (
    folder_of,
    lock_of,
    remove_if_old,
    take_lock,
    taken_over,
)


def test_a_lock_is_taken_over_only_after_its_owner_has_let_go(tmp_path: Path) -> None:
    """The kernel lets go for an owner that is killed."""
    folder = tmp_path / "quote"
    lock = take_lock(folder)
    assert folder_of(lock_of(folder)) == folder
    assert [path.name for path in tmp_path.iterdir()] == ["quote.lock"]
    assert taken_over(lock_of(folder)) is None
    os.close(lock)
    taken = taken_over(lock_of(folder))
    assert taken is not None
    assert taken_over(lock_of(folder)) is None
    os.close(taken)


def another_users(lock: Path) -> None:
    lock.touch()
    os.chown(lock, 12345, -1)


FOREIGN: dict[str, Callable[[Path], object]] = {
    "a link": lambda lock: lock.symlink_to("/dev/null"),
    "a FIFO": os.mkfifo,
    "a folder": Path.mkdir,
    "two names": lambda lock: os.link(lock.parent / "own", lock),
}
if os.geteuid() == 0:  # nobody else can make a file another user's
    FOREIGN["another user's"] = another_users


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("end", [".lock", ".new"])
def test_break_in_11_only_a_lock_of_ours_has_a_folder_deleted(
    tmp_path: Path, what: str, end: str
) -> None:
    """Anybody may create a file in /tmp, and by its name have any folder beside it deleted."""
    (tmp_path / "own").touch()
    lock = tmp_path / f"quote{end}"
    FOREIGN[what](lock)
    os.utime(lock, (0, 0), follow_symlinks=False)
    assert taken_over(lock) is None
    remove_if_old(lock)
    assert os.path.lexists(lock)

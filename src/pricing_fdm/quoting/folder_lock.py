"""The lock of a folder, beside it: it shows whether the owner of the folder lives.

The kernel frees the lock when its owner dies. It is there before the folder and goes after it:
whenever a service is killed, what it leaves can be told from what is being made.

Others may write to the same directory: only files of ours are taken for locks of ours.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from pathlib import Path

LOCK = ".lock"
"""Ends the name of a lock."""

UNNAMED = ".new"
"""Ends the name of a lock that is not held yet."""

_OPEN_LOCK = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_UNNAMED_S = 60  # it has this name for less than a millisecond


def lock_of(folder: Path) -> Path:
    """The lock file of a folder."""
    return folder.with_name(f"{folder.name}{LOCK}")


def folder_of(lock: Path) -> Path:
    """The folder of a lock file."""
    return lock.with_name(lock.name.removesuffix(LOCK))


def take_lock(folder: Path) -> int:
    """Locks the folder's name for this process.

    The lock gets its name only when it is held: a sweep never meets one that is not taken yet.
    """
    unnamed = folder.with_name(f"{folder.name}{UNNAMED}")
    lock = os.open(unnamed, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    unnamed.rename(lock_of(folder))
    return lock


def remove_if_old(unnamed: Path) -> None:
    """Removes a lock whose owner was killed before it held it."""
    with contextlib.suppress(OSError):
        found = unnamed.lstat()
        if _is_ours(found) and time.time() - found.st_mtime > _UNNAMED_S:
            unnamed.unlink()


def taken_over(lock_path: Path) -> int | None:
    """Takes the lock of a dead owner; None when its owner lives or is another user.

    Anybody may put a file of this name into a shared TEMP_DIR, to have a folder deleted.
    """
    try:
        lock = os.open(lock_path, _OPEN_LOCK)
    except OSError:
        return None  # just removed by its owner, or a link, or not for us
    try:
        if _is_ours(os.fstat(lock)):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
    except OSError:  # held, by a living owner
        pass
    os.close(lock)
    return None


def _is_ours(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_nlink == 1

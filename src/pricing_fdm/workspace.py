"""A private folder for each quote, gone when the quote is done.

Names are random, never a caller's. A folder is deleted on success, error and cancellation alike.
A service that was killed leaves its folders behind; each is held by a lock that dies with its
owner, so the next start removes exactly those whose owner is dead, also when several services
share one TEMP_DIR.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pricing_fdm.errors import WorkspaceFull

_PREFIX = "pricing-fdm-"
_LOCK = "owner.lock"
_RETRY_AFTER_S = 10


class Workspaces:
    """Makes and removes the folders below one temporary directory.

    Args:
        root: Where folders are made; must exist.
        least_free_bytes: A new folder is refused when the disk has less room than this.
    """

    def __init__(self, root: Path, *, least_free_bytes: int) -> None:
        self._root = root
        self._least_free_bytes = least_free_bytes

    @property
    def root(self) -> Path:
        """The temporary directory."""
        return self._root

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """A folder of mode 0700 for one quote.

        Raises:
            WorkspaceFull: The disk has too little room left, or none for a folder.
        """
        self.require_room()
        try:
            path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._root))
            lock = _take_lock(path)
        except OSError as error:
            raise _full(f"{self._root}: {error.strerror}") from error
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)

    def require_room(self) -> None:
        """Raises WorkspaceFull when the disk is nearly full or not there."""
        try:
            free = shutil.disk_usage(self._root).free
        except OSError as error:
            raise _full(f"{self._root}: {error.strerror}") from error
        if free < self._least_free_bytes or not os.access(self._root, os.W_OK | os.X_OK):
            raise _full(f"{self._root}: {free} bytes free, or not writable")

    def sweep(self) -> int:
        """Removes the folders whose owner is dead and returns how many there were."""
        return sum(_remove_if_orphaned(path) for path in self._root.glob(f"{_PREFIX}*"))


def _take_lock(folder: Path) -> int:
    """Locks the folder for this process.

    The lock gets its name only when it is held: a sweep never meets one that is not taken yet.
    """
    unnamed = folder / f"{_LOCK}.new"
    lock = os.open(unnamed, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    unnamed.rename(folder / _LOCK)
    return lock


def _remove_if_orphaned(path: Path) -> bool:
    try:
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False  # not ours, or being made or removed at this moment
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        shutil.rmtree(path, ignore_errors=True)
        return True
    finally:
        os.close(lock)


def _full(log_detail: str) -> WorkspaceFull:
    return WorkspaceFull(
        "The service has no room to work at the moment. Try again later.",
        retry_after_s=_RETRY_AFTER_S,
        log_detail=log_detail,
    )

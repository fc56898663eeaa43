"""A private folder for each quote, gone when the quote is done.

Names are random, never a caller's. A folder is deleted on success, error and cancellation alike.
A service that was killed leaves its folders behind; each is held by a lock that dies with its
owner, so the next start removes exactly those whose owner is dead, also when several services
share one TEMP_DIR. The lock lies beside the folder, is there before it and goes after it: whenever
a service is killed, what it leaves can be told from what is being made.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import functools
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pricing_fdm.errors import ResultIncomplete, SlicerCrashed, WorkspaceFull

_PREFIX = "pricing-fdm-"
_LOCK = ".lock"
_UNNAMED = ".new"
_UNNAMED_S = 60  # it has this name for less than a millisecond
_NAME_BYTES = 8
_RETRY_AFTER_S = 10
_LEAST_FREE_BYTES = 1024**2


class Workspace:
    """One folder, which is there as long as somebody holds it.

    Args:
        path: Of mode 0700.
        remove: Called when the last one lets go.
    """

    def __init__(self, path: Path, remove: Callable[[], None]) -> None:
        self.path = path
        self._remove = remove
        self._holders = 0

    @contextlib.contextmanager
    def held(self) -> Iterator[Path]:
        """Keeps the folder while the context lasts."""
        self._holders += 1
        try:
            yield self.path
        finally:
            self._holders -= 1
            if not self._holders:
                self._remove()


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
    def folder(self) -> Iterator[Workspace]:
        """A folder for one quote, held while the context lasts.

        Raises:
            WorkspaceFull: The disk has too little room left, or none for a folder.
        """
        workspace = self._made()
        with workspace.held():
            yield workspace

    def require_room(self) -> None:
        """Raises WorkspaceFull when the disk is nearly full or not there."""
        try:
            free = shutil.disk_usage(self._root).free
        except OSError as error:
            raise no_room(f"{self._root}: {error.strerror}") from error
        if free < self._least_free_bytes or not os.access(self._root, os.W_OK | os.X_OK):
            raise no_room(f"{self._root}: {free} bytes free, or not writable")

    def sweep(self) -> int:
        """Removes the folders whose owner is dead and returns how many there were."""
        for unnamed in self._root.glob(f"{_PREFIX}*{_UNNAMED}"):
            _remove_if_old(unnamed)
        locks = self._root.glob(f"{_PREFIX}*{_LOCK}")
        return sum(_remove_if_orphaned(lock) for lock in locks)

    def _made(self) -> Workspace:
        self.require_room()
        path = self._root / f"{_PREFIX}{secrets.token_hex(_NAME_BYTES)}"
        try:
            lock = _take_lock(path)
        except OSError as error:
            raise self._no_folder(error) from error
        remove = functools.partial(_remove_and_unlock, path, lock)
        try:
            path.mkdir(mode=0o700)
        except OSError as error:
            remove()
            raise self._no_folder(error) from error
        return Workspace(path, remove)

    def _no_folder(self, error: OSError) -> WorkspaceFull:
        return no_room(f"{self._root}: {error.strerror}")


def _take_lock(folder: Path) -> int:
    """Locks the folder's name for this process.

    The lock gets its name only when it is held: a sweep never meets one that is not taken yet.
    """
    unnamed = folder.with_name(f"{folder.name}{_UNNAMED}")
    lock = os.open(unnamed, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    unnamed.rename(folder.with_name(f"{folder.name}{_LOCK}"))
    return lock


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_name(f"{folder.name}{_LOCK}").unlink(missing_ok=True)


def _remove_and_unlock(folder: Path, lock: int) -> None:
    _remove(folder)
    os.close(lock)


def _remove_if_old(unnamed: Path) -> None:
    """Removes a lock whose owner was killed before it held it."""
    with contextlib.suppress(FileNotFoundError):
        if time.time() - unnamed.stat().st_mtime > _UNNAMED_S:
            unnamed.unlink()


def _remove_if_orphaned(lock_path: Path) -> bool:
    folder = lock_path.with_name(lock_path.name.removesuffix(_LOCK))
    try:
        lock = os.open(lock_path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False  # just removed by its owner
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        _remove(folder)
        return True
    finally:
        os.close(lock)


def no_room(log_detail: str) -> WorkspaceFull:
    """What a caller hears when the disk is full."""
    return WorkspaceFull(
        "The service has no room to work at the moment. Try again later.",
        retry_after_s=_RETRY_AFTER_S,
        log_detail=log_detail,
    )


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Turns a full disk into `WorkspaceFull`, in whichever step it is met."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise no_room(str(error)) from error


@contextlib.contextmanager
def full_disk_unblamed(folder: Path) -> Iterator[None]:
    """A slicer that had no room to write is not blamed for its failure, and nor is the model."""
    try:
        yield
    except (SlicerCrashed, ResultIncomplete) as error:
        if shutil.disk_usage(folder).free >= _LEAST_FREE_BYTES:
            raise
        raise no_room(f"while slicing: {error.log_detail}") from error

"""A private folder for each quote, gone when the quote is done.

Names are random, never a caller's. A folder is deleted on success, error and cancellation alike.
A service that was killed leaves its folders behind; each is held by a lock that dies with its
owner, so the next start removes exactly those whose owner is dead, also when several services
share one TEMP_DIR. The lock lies beside the folder, is there before it and goes after it: whenever
a service is killed, what it leaves can be told from what is being made. What cannot be deleted
keeps its lock, so that the next start tries again.

Others may write to TEMP_DIR too: only files of ours are taken for our locks.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import functools
import math
import os
import re
import secrets
import shutil
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pricing_fdm.errors import ResultIncomplete, SlicerCrashed, WorkspaceFull
from pricing_fdm.sandbox.removal import remove_tree
from pricing_fdm.sandbox.user import other_user

_PREFIX = "pricing-fdm-"
_OURS = re.compile(r"pricing-fdm-[0-9a-f]{16}(\.lock|\.new)")
_LOCK = ".lock"
_UNNAMED = ".new"
_OPEN_LOCK = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_UNNAMED_S = 60  # it has this name for less than a millisecond
_NAME_BYTES = 8
_RETRY_AFTER_S = 10
_LEAST_FREE_BYTES = 1024**2
# What is deleted at once: a quote leaves some twenty files. More may come from a slicer that was
# taken over, and is deleted in a thread.
_AT_ONCE = 200

Report = Callable[[Path, OSError], None]
"""Called for each folder that could not be deleted."""


class Workspace:
    """One folder, which is there as long as somebody holds it.

    Args:
        path: Of mode 0700; where programs run as another user than the service, that user may pass
            through it.
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
        report: Called, perhaps from a thread, for each folder that could not be deleted.
    """

    def __init__(
        self, root: Path, *, least_free_bytes: int, report: Report = lambda *_: None
    ) -> None:
        self._root = root
        self._report = report
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
        """Removes the folders whose owner is dead and returns how many there were.

        What cannot be removed is reported; nothing is raised, since a start must not fail of it.
        """
        try:
            found = [path for path in self._root.glob(f"{_PREFIX}*") if _OURS.fullmatch(path.name)]
        except OSError as error:
            self._report(self._root, error)
            return 0
        for path in found:
            if path.name.endswith(_UNNAMED):
                _remove_if_old(path)
        locks = (path for path in found if path.name.endswith(_LOCK))
        return sum(self._remove_if_orphaned(lock) for lock in locks)

    def _remove_if_orphaned(self, lock_path: Path) -> bool:
        lock = _orphaned(lock_path)
        if lock is None:
            return False
        self._remove_and_unlock(lock_path.with_name(lock_path.name.removesuffix(_LOCK)), lock)
        return True

    def _remove_and_unlock(self, folder: Path, lock: int) -> None:
        """Deletes a folder and then its lock: at once, or in a thread when there is much in it."""
        if not self._removed(folder, lock, at_most=_AT_ONCE):
            threading.Thread(target=self._removed, args=(folder, lock), daemon=True).start()

    def _removed(self, folder: Path, lock: int, at_most: float = math.inf) -> bool:
        """Whether nothing is left to do; the lock file stays as long as the folder."""
        try:
            if not remove_tree(folder, at_most=at_most):
                return False
            folder.with_name(f"{folder.name}{_LOCK}").unlink(missing_ok=True)
        except OSError as error:
            self._report(folder, error)
        os.close(lock)
        return True

    def _made(self) -> Workspace:
        self.require_room()
        path = self._root / f"{_PREFIX}{secrets.token_hex(_NAME_BYTES)}"
        try:
            lock = _take_lock(path)
        except OSError as error:
            raise self._no_folder(error) from error
        remove = functools.partial(self._remove_and_unlock, path, lock)
        try:
            path.mkdir(mode=0o700)
            user = other_user()
            if user is not None:  # whose programs pass through to the folders of their runs
                os.chown(path, -1, user)
                path.chmod(0o710)
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


def _remove_if_old(unnamed: Path) -> None:
    """Removes a lock whose owner was killed before it held it."""
    with contextlib.suppress(OSError):
        found = unnamed.lstat()
        if _is_ours(found) and time.time() - found.st_mtime > _UNNAMED_S:
            unnamed.unlink()


def _orphaned(lock_path: Path) -> int | None:
    """The lock of a dead owner, which is ours now; None when its owner lives or is another user.

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

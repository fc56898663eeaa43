"""A private folder for each quote, gone when the quote is done.

Names are random, never a caller's. A folder is deleted on success, error and cancellation alike.
A service that was killed leaves its folders behind. Each has a lock (`folder_lock`), so the next
start removes exactly those whose owner is dead, also when several services share one TEMP_DIR.
What cannot be deleted keeps its lock, so that the next start tries again.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from pricing_fdm.errors import WorkspaceFull
from pricing_fdm.quoting.folder_lock import (
    LOCK,
    UNNAMED,
    folder_of,
    lock_of,
    remove_if_old,
    take_lock,
    taken_over,
)
from pricing_fdm.quoting.full_disk import no_room
from pricing_fdm.sandbox.removal import remove_tree
from pricing_fdm.sandbox.user import other_user

_PREFIX = "pricing-fdm-"
_OURS = re.compile(r"pricing-fdm-[0-9a-f]{16}(\.lock|\.new)")
_NAME_BYTES = 8
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
            if path.name.endswith(UNNAMED):
                remove_if_old(path)
        locks = (path for path in found if path.name.endswith(LOCK))
        return sum(self._remove_if_orphaned(lock) for lock in locks)

    def _remove_if_orphaned(self, lock_path: Path) -> bool:
        lock = taken_over(lock_path)
        if lock is None:
            return False
        self._remove_and_unlock(folder_of(lock_path), lock)
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
            lock_of(folder).unlink(missing_ok=True)
        except OSError as error:
            self._report(folder, error)
        os.close(lock)
        return True

    def _made(self) -> Workspace:
        self.require_room()
        path = self._root / f"{_PREFIX}{secrets.token_hex(_NAME_BYTES)}"
        try:
            lock = take_lock(path)
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

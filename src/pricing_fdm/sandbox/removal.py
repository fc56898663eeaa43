"""Deletes what a sandboxed program left, whatever that is.

The program may leave thousands of folders inside each other, which no recursion survives and whose
path no call takes; folders that nobody may enter; links that lead elsewhere. So each folder is
opened relative to its parent and no link is followed, modes are mended, and folders inside folders
are moved up to the first one before they are emptied: nothing here grows with the depth.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READABLE = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_BATCH = 1000


def remove_tree(folder: Path, *, at_most: float = math.inf) -> bool:
    """Deletes a folder with all that is in it.

    Args:
        folder: Ours; a link in its place is not followed.
        at_most: How many entries are deleted; the next call goes on where this one stopped.

    Returns:
        Whether it is gone.

    Raises:
        OSError: Something in it cannot be deleted, or it is no folder.
    """
    try:
        with _opened(folder) as root:
            for done, _ in enumerate(_deletions(root)):
                if done >= at_most:
                    return False
        folder.rmdir()
    except FileNotFoundError:
        pass  # it is gone already
    return True


def _deletions(root: int) -> Iterator[None]:
    """Deletes all entries of a folder, and yields before each step."""
    token, numbers = secrets.token_hex(8), itertools.count()
    for name in _entries(root):
        yield
        if _unlinked(name, root):
            continue
        with _opened(name, root) as inner:
            for entry in _entries(inner):
                yield
                if not _unlinked(entry, inner):
                    with _opened(entry, inner):  # only who may write to a folder may move it
                        up = f"{token}-{next(numbers)}"
                        os.rename(entry, up, src_dir_fd=inner, dst_dir_fd=root)
        os.rmdir(name, dir_fd=root)


def _entries(folder: int) -> Iterator[str]:
    """The names in a folder, until it is empty; each must be gone when the next is asked for."""
    while True:
        with os.scandir(folder) as listing:
            names = [entry.name for entry in itertools.islice(listing, _BATCH)]
        if not names:
            return
        yield from names


def _unlinked(name: str, folder: int) -> bool:
    """Deletes an entry that is no folder; returns whether it was none."""
    try:
        os.unlink(name, dir_fd=folder)
    except IsADirectoryError:
        return False
    except FileNotFoundError:
        pass
    return True


@contextlib.contextmanager
def _opened(path: Path | str, parent: int | None = None) -> Iterator[int]:
    """A descriptor of a folder that we may list and change."""
    closed = os.open(path, _FOLDER, dir_fd=parent)
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, closed)
        itself = Path(f"/proc/self/fd/{closed}")  # the very folder that was opened
        if os.fstat(closed).st_mode & stat.S_IRWXU != stat.S_IRWXU:
            itself.chmod(stat.S_IRWXU)
        folder = os.open(itself, _READABLE)
        stack.callback(os.close, folder)
        yield folder

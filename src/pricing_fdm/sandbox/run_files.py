"""The only way to open a file that a sandboxed program left.

The program may have been taken over by the geometry that it read. In place of its result it may
leave a link to another customer's file, a FIFO that never ends, a gigabyte, or a file that is not
its own. So no link is followed, also not on the way to the file, and only a plain file of bounded
size is opened that belongs to the user who owns the run's folder and has no second name. Whoever
reads, reads through the descriptor that was examined. Opening and reading may take time: call this
in a thread.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A FIFO without a writer, or a file with a lease, would block without O_NONBLOCK.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class UnsafeFile(OSError):
    """It is not a plain file of the run, or it is too long; the message says which."""


@contextlib.contextmanager
def opened(path: Path, folder: Path, *, max_bytes: int) -> Iterator[BinaryIO]:
    """Opens a file that a run left.

    Args:
        path: Lies in `folder`, at any depth.
        folder: The run's own folder, which the run could not replace.
        max_bytes: A longer file is refused.

    Raises:
        UnsafeFile: It must not be read.
        OSError: There is no such file, or a link stands in its place or on the way.
    """
    with contextlib.ExitStack() as stack:
        parent, owner = _parent(path, folder, stack)
        descriptor = os.open(path.name, _FILE, dir_fd=parent)
        with os.fdopen(descriptor, "rb") as file:
            _examine(os.fstat(descriptor), owner, max_bytes)
            yield file


def read(path: Path, folder: Path, *, max_bytes: int) -> bytes:
    """Reads all of a file that a run left; arguments and errors as of `opened`."""
    with opened(path, folder, max_bytes=max_bytes) as file:
        return file.read(max_bytes)


def has_bytes(path: Path, folder: Path, *, max_bytes: int) -> bool:
    """Whether `opened` would open it, and it is not empty."""
    try:
        with opened(path, folder, max_bytes=max_bytes) as file:
            return os.fstat(file.fileno()).st_size > 0
    except OSError:
        return False


def take(path: Path, folder: Path, destination: Path, *, max_bytes: int) -> None:
    """Moves a file that a run left to `destination`, out of the run's reach.

    It then belongs to the service, and may be opened by its name like any other.

    Raises:
        UnsafeFile: It must not be read.
        OSError: As of `opened`; or it cannot be moved there.
    """
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(opened(path, folder, max_bytes=max_bytes))
        parent, _ = _parent(path, folder, stack)
        os.rename(path.name, destination, src_dir_fd=parent)
        examined, moved = os.fstat(file.fileno()), destination.lstat()
        if not os.path.samestat(examined, moved):
            destination.unlink()
            raise UnsafeFile("it was replaced while it was moved")
        os.fchown(file.fileno(), os.geteuid(), -1)


def _parent(path: Path, folder: Path, stack: contextlib.ExitStack) -> tuple[int, int]:
    """A descriptor of the folder that holds `path`, and the owner of the run's folder."""
    at = os.open(folder, _FOLDER)
    stack.callback(os.close, at)
    owner = os.fstat(at).st_uid
    for name in path.relative_to(folder).parts[:-1]:
        at = os.open(name, _FOLDER, dir_fd=at)
        stack.callback(os.close, at)
    return at, owner


def _examine(found: os.stat_result, owner: int, max_bytes: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UnsafeFile("not a plain file")
    if found.st_uid != owner:
        raise UnsafeFile(f"it belongs to user {found.st_uid}, not to {owner}")
    if found.st_nlink != 1:
        raise UnsafeFile(f"it has {found.st_nlink} names")
    if found.st_size > max_bytes:
        raise UnsafeFile(f"{found.st_size} bytes long")

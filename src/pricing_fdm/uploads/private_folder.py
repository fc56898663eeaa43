"""Makes sure that only the service can read the folder of the uploads and write to it.

Its place is known, often in /tmp: another user of the machine may be there first, with a folder
that he can read, with links, or with models of his in the place of customers'.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_ADVICE = "Remove it, or name another place for the uploads"
FILE_MODE = 0o600


def make_private(folder: Path, inner: str) -> None:
    """Makes `folder/inner` and takes care that it, and all files in it, are the service's alone.

    The folder around it may be root's, as that of a volume is.

    Raises:
        ValueError: Something there belongs to somebody else; the message says what to do.
        OSError: It cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owners = {os.geteuid(), 0}
    if folder.stat().st_uid not in owners or folder.lstat().st_uid not in owners:
        raise _not_ours(folder, folder.stat())
    own = folder / inner
    own.mkdir(mode=0o700, exist_ok=True)
    try:
        descriptor = os.open(own, _FOLDER)
    except NotADirectoryError as error:
        raise _not_ours(own, own.lstat()) from error
    try:
        found = os.fstat(descriptor)
        if found.st_uid != os.geteuid():
            raise _not_ours(own, found)
        Path(f"/proc/self/fd/{descriptor}").chmod(0o700)  # the very folder that was examined
    finally:
        os.close(descriptor)
    for path, of_file in _files(own):
        if not is_ours(of_file):
            raise _not_ours(path, of_file)
        with contextlib.suppress(FileNotFoundError):  # other gateways sweep it meanwhile
            path.chmod(FILE_MODE)


def is_ours(found: os.stat_result) -> bool:
    """Whether it is a plain file of the service's own, without a second name."""
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_nlink == 1


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            yield path, path.lstat()


def _not_ours(path: Path, found: os.stat_result) -> ValueError:
    if found.st_uid != os.geteuid():
        return ValueError(f"{path} belongs to user {found.st_uid}. {_ADVICE}.")
    return ValueError(f"{path} is a link or no plain file. {_ADVICE}.")

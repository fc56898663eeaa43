"""Opens the files of a shop: plain ones of a sensible size.

The shop is read again while the service runs. A FIFO in the place of a file would hold that for
ever, and the end of the service with it; a file of a gigabyte would take two of memory. Links are
followed, because a mounted ConfigMap consists of them.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

MOST_BYTES = 8 * 1024 * 1024


def read_file(path: Path) -> bytes:
    """All of a file.

    Raises:
        OSError: It cannot be read, is no plain file, or is too large.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no plain file")
        if found.st_size > MOST_BYTES:
            raise OSError(errno.EFBIG, f"it is larger than {MOST_BYTES >> 20} MiB")
        return file.read(found.st_size)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)

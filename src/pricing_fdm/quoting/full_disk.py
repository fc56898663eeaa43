"""A full disk is told as that, in whichever step it is met; the caller comes back later."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from pricing_fdm.errors import ResultIncomplete, SlicerCrashed, WorkspaceFull

_RETRY_AFTER_S = 10
_LEAST_FREE_BYTES = 1024**2


def no_room(log_detail: str) -> WorkspaceFull:
    """The error of a request that meets a full disk."""
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
    """Blames the disk, not the slicer or the model, where the slicer failed on a full disk."""
    try:
        yield
    except (SlicerCrashed, ResultIncomplete) as error:
        if shutil.disk_usage(folder).free >= _LEAST_FREE_BYTES:
            raise
        raise no_room(f"while slicing: {error.log_detail}") from error

"""A full disk is told as that, and nothing else is."""

from __future__ import annotations

import errno
import os

import pytest

from pricing_fdm.errors import WorkspaceFull
from pricing_fdm.quoting.full_disk import disk_errors


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_e9_a_full_disk_is_named_in_whichever_step_it_is_met(number: int) -> None:
    """E9: 503 workspace_full, not an unexplained 500."""
    with pytest.raises(WorkspaceFull), disk_errors():
        raise OSError(number, os.strerror(number))


def test_another_fault_of_the_disk_is_not_dressed_up() -> None:
    """Only what we know is explained."""
    with pytest.raises(OSError, match="Input/output error"), disk_errors():
        raise OSError(errno.EIO, os.strerror(errno.EIO))

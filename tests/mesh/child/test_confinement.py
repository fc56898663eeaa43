"""What a child may call, by name; what it can reach is tried in `test_model_reader`."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pricing_fdm.mesh.child.confinement import ALLOWED_CALLS

FORKED = """
import os, sys
from pricing_fdm.mesh.child.confinement import confine
kept, other = os.open("/dev/zero", os.O_RDONLY), os.open("/dev/zero", os.O_RDONLY)
null, parent = os.open("/dev/null", os.O_RDWR), os.getpid()
child = os.fork()
if child == 0:
    confine((kept,), null, parent, 5)
    reads = os.read(kept, 1) == b"\\0"
    try:
        os.read(other, 1)
    except OSError:
        os._exit(10 + reads)
    os._exit(1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize(
    "call",
    [
        "open",
        "openat",
        "socket",
        "connect",
        "sendmsg",
        "recvmsg",
        "dup",
        "fcntl",
        "ioctl",
        "fork",
        "vfork",
        "clone",
        "execve",
        "kill",
        "tgkill",
        "prctl",
        "ptrace",
        "unlinkat",
        "mkdirat",
    ],
)
def test_nothing_is_allowed_that_reaches_beyond_the_job(call: str) -> None:
    """By `fcntl`, a child could have signals sent; by `recvmsg`, descriptors."""
    assert call not in ALLOWED_CALLS


def test_a_child_keeps_what_it_is_given_and_nothing_else() -> None:
    """Those that the zygote has besides are closed."""
    done = subprocess.run(
        ["/usr/bin/setpriv", "--no-new-privs", sys.executable, "-c", FORKED],
        env={"PATH": os.environ["PATH"]},
        check=False,
    )
    assert done.returncode == 11

"""The launcher's arithmetic, and what it does when the kernel will not."""

from __future__ import annotations

import ctypes
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from pricing_fdm.slicer import cage_launcher
from pricing_fdm.slicer.cage_launcher import REFUSED_CALLS, call_filter, file_accesses

ALLOW, EPERM, KILL = 0x7FFF0000, 0x00050001, 0x80000000
X86_64, I386 = 0xC000003E, 0x40000003
READ, SOCKET, UNIX, INET = 0, 41, 1, 2


def judge(program: bytes, number: int, first: int = 0, architecture: int = X86_64) -> int:
    """Runs a filter as the kernel does, on one call."""
    data = {0: number, 4: architecture, 16: first}
    steps = list(struct.iter_unpack("HBBI", program))
    at, accumulator = 0, 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        match code:
            case 0x20:
                accumulator = data[value]
            case 0x15:
                at += yes if accumulator == value else no
            case 0x35:
                at += yes if accumulator >= value else no
            case _:
                return int(value)


@pytest.mark.parametrize("unix_sockets", [False, True])
def test_ordinary_calls_pass_and_dangerous_ones_do_not(unix_sockets: bool) -> None:
    """A wrong jump would let everything through, or nothing."""
    program = call_filter(unix_sockets=unix_sockets)
    assert judge(program, READ) == ALLOW
    assert {judge(program, number) for number in REFUSED_CALLS.values()} == {EPERM}
    assert judge(program, SOCKET, INET) == EPERM
    assert judge(program, SOCKET, UNIX) == (ALLOW if unix_sockets else EPERM)


def test_the_machines_other_interfaces_are_no_way_around() -> None:
    """The same call has other numbers in them."""
    program = call_filter(unix_sockets=False)
    assert judge(program, 0x40000000 + SOCKET, INET) == EPERM
    assert judge(program, READ, architecture=I386) == KILL


def test_the_numbers_are_this_machines() -> None:
    """Typed by hand, so compared with the C library's header where there is one."""
    header = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
    if not header.exists():  # an extra: a machine without compiler has none
        return
    words = [line.split() for line in header.read_text().splitlines()]
    known = {w[1].removeprefix("__NR_"): int(w[2]) for w in words if w[:1] == ["#define"] and w[2:]}
    assert {n: v for n, v in REFUSED_CALLS.items() if n in known and known[n] != v} == {}
    assert known["socket"] == SOCKET


@pytest.mark.parametrize(
    ("abi", "last"), [(1, 12), (2, 13), (3, 14), (4, 14), (5, 15), (7, 15), (99, 15)]
)
def test_each_version_of_landlock_is_asked_what_it_knows(abi: int, last: int) -> None:
    """An access that a kernel does not know makes it refuse the whole rule set."""
    assert file_accesses(abi) == (1 << last + 1) - 1


def test_a_kernel_that_refuses_leaves_no_program_running_free(tmp_path: Path) -> None:
    """Half a cage is none: the launcher ends instead."""
    launcher = Path(cage_launcher.__file__)
    text = f"""
import runpy, sys, ctypes
class Refusing:
    def __init__(self, libc): self.libc = libc
    def prctl(self, *arguments): return 0
    def syscall(self, number, *arguments):
        if {{refused}} == number: ctypes.set_errno(1); return -1
        return self.libc.syscall(number, *arguments)
module = runpy.run_path({str(launcher)!r})
module["main"].__globals__["_LIBC"] = Refusing(module["_LIBC"])
module["main"](["read=/usr", "--", "/bin/echo", "free"])
"""
    for refused in (444, 445, 446):
        result = subprocess.run(
            [sys.executable, "-c", text.format(refused=refused)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (result.returncode, result.stdout) == (cage_launcher.FAILED, "")
        assert result.stderr.startswith("the sandbox cannot be set up: ")


def test_a_program_that_is_not_there_ends_like_a_shells(tmp_path: Path) -> None:
    """127, as in every other level."""
    result = subprocess.run(
        [sys.executable, "-I", "-S", cage_launcher.__file__, "read=/usr", "--", tmp_path / "none"],
        capture_output=True,
        check=False,
    )
    assert result.returncode == 127


def test_this_kernels_version_is_a_number() -> None:
    """0 stands for a kernel without; the tests of the levels then say so."""
    assert cage_launcher.landlock_abi() >= 0
    assert ctypes.sizeof(ctypes.c_void_p) == 8

"""Break-in 10: one list says which system calls a program may make, in every sandbox."""

from __future__ import annotations

import os
import platform
import struct
from pathlib import Path

import pytest

from pricing_fdm.sandbox import call_filter as module
from pricing_fdm.sandbox.call_filter import (
    MACHINES,
    call_filter,
    narrow_filter,
    numbers,
    open_filter,
)

ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
I386 = 0x40000003
UNIX, INET = 1, 2
STREAM, DATAGRAM, CLOEXEC = 1, 2, 0x80000
SIGCHLD, THREAD = 17, 0x3D0F00
EVERY = (module._CALLS, module._METADATA_CALLS, module._JUDGED_CALLS)


def judge(
    program: bytes, number: int, *arguments: int, architecture: int = MACHINES["x86_64"][0]
) -> int:
    """Runs a filter as the kernel does, on one call."""
    data = {0: number, 4: architecture}
    data |= {16 + 8 * index: value for index, value in enumerate((*arguments, 0, 0, 0))}
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
            case 0x45:
                at += yes if accumulator & value else no
            case 0x54:
                accumulator &= value
            case 0x06:
                return int(value)
            case _:
                pytest.fail(f"an instruction that the test does not know: {code:#x}")


def built(machine: str = "x86_64", *, unix_sockets: bool = False, metadata: bool = True) -> bytes:
    program = call_filter(machine, unix_sockets=unix_sockets, metadata=metadata)
    assert program is not None
    return program


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("unix_sockets", [False, True])
@pytest.mark.parametrize("metadata", [False, True])
def test_break_in_10_what_is_listed_passes_and_all_else_is_not_there(
    machine: str, unix_sockets: bool, metadata: bool
) -> None:
    """A wrong jump would let everything through, or nothing; new calls are refused unseen."""
    architecture, column = MACHINES[machine]
    program = built(machine, unix_sockets=unix_sockets, metadata=metadata)
    plain, of_metadata, judged = (set(numbers(calls, column).values()) for calls in EVERY)
    for number in (*range(600), 0x40000000, 0x40000000 + 41):  # and x86's second interface
        found = judge(program, number, architecture=architecture)
        if number in plain:
            assert found == ALLOW, number
        elif number in of_metadata:
            assert found == (ALLOW if metadata else EPERM), number
        elif number not in judged:
            assert found == ENOSYS, number


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("clone", (SIGCHLD,), ALLOW),
        ("clone", (THREAD,), ALLOW),
        *(("clone", (1 << bit | SIGCHLD,), EPERM) for bit in (17, 25, 26, 27, 28, 29, 30)),
        ("prlimit64", (0, 7), ALLOW),
        ("prlimit64", (1, 7), EPERM),
        ("sched_setaffinity", (0, 8), ALLOW),
        ("sched_setaffinity", (77, 8), EPERM),
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x5412), EPERM),
        ("ioctl", (0, 0x541C), EPERM),
        ("socket", (UNIX, STREAM), EPERM),
        ("socket", (INET, STREAM), EPERM),
        ("socketpair", (UNIX, STREAM | CLOEXEC), ALLOW),
        ("socketpair", (UNIX, DATAGRAM), EPERM),
        ("socketpair", (30, STREAM), EPERM),
        ("connect", (3,), EPERM),
    ],
)
@pytest.mark.parametrize("machine", MACHINES)
def test_break_in_10_some_calls_depend_on_their_arguments(
    machine: str, name: str, arguments: tuple[int, ...], expected: int
) -> None:
    """Threads are needed and namespaces are not; own limits are, another process's are not."""
    architecture, column = MACHINES[machine]
    number = numbers(module._JUDGED_CALLS, column)[name]
    assert judge(built(machine), number, *arguments, architecture=architecture) == expected


def test_with_a_display_local_sockets_pass_and_no_others() -> None:
    """`ORCA_DISPLAY=xvfb` needs one."""
    program, of = built(unix_sockets=True), numbers(module._JUDGED_CALLS, 0)
    assert judge(program, of["socket"], UNIX) == ALLOW
    assert judge(program, of["socket"], INET) == EPERM
    assert judge(program, of["connect"], 3) == ALLOW


def test_the_machines_other_interface_is_no_way_around() -> None:
    """The same call has other numbers in it."""
    assert judge(built(), 0, architecture=I386) == KILL


def test_the_numbers_are_this_machines() -> None:
    """Typed by hand, so compared with the C library's header where there is one."""
    header = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
    if not header.exists():  # an extra: a machine without compiler has none
        return
    words = [line.split() for line in header.read_text().splitlines()]
    known = {w[1].removeprefix("__NR_"): int(w[2]) for w in words if w[:1] == ["#define"] and w[2:]}
    ours = {name: number for calls in EVERY for name, number in numbers(calls, 0).items()}
    assert {n: v for n, v in ours.items() if n in known and known[n] != v} == {}
    assert len(set(ours.values())) == len(ours)


def test_the_kernel_reads_it_once_from_a_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose numbers are not known has none, and bubblewrap works without it."""
    descriptor = open_filter(unix_sockets=False, metadata=True)
    assert descriptor is not None
    with os.fdopen(descriptor, "rb") as file:
        assert file.read() == built(platform.machine())
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert open_filter(unix_sockets=False, metadata=True) is None


@pytest.mark.parametrize("machine", MACHINES)
def test_break_in_1_a_narrow_filter_permits_its_calls_and_threads(machine: str) -> None:
    """A child that reads a model may compute on many cores, and may not become two processes."""
    architecture, column = MACHINES[machine]
    program = narrow_filter(machine, {"read", "write"})
    assert program is not None
    known = numbers(module._CALLS, column)
    verdicts = {
        name: judge(program, number, architecture=architecture) for name, number in known.items()
    }
    assert {name for name, verdict in verdicts.items() if verdict == ALLOW} == {"read", "write"}
    clone = numbers(module._JUDGED_CALLS, column)["clone"]
    assert judge(program, clone, THREAD, architecture=architecture) == ALLOW
    assert judge(program, clone, SIGCHLD, architecture=architecture) == ENOSYS
    assert judge(program, known["read"], architecture=I386) == KILL
    assert narrow_filter("riscv64", {"read"}) is None

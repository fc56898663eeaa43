"""The launcher's arithmetic, and what it does when the kernel will not."""

from __future__ import annotations

import ctypes
import errno
import os
import runpy
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pricing_fdm.sandbox import launcher
from pricing_fdm.sandbox.call_filter import open_filter
from pricing_fdm.sandbox.launcher import file_accesses


@pytest.mark.parametrize(
    ("abi", "last"), [(1, 12), (2, 13), (3, 14), (4, 14), (5, 15), (7, 15), (99, 15)]
)
def test_each_version_of_landlock_is_asked_what_it_knows(abi: int, last: int) -> None:
    """An access that a kernel does not know makes it refuse the whole rule set."""
    assert file_accesses(abi) == (1 << last + 1) - 1


class Kernel:
    """Stands where the C library stands, and refuses one call if told so."""

    def __init__(self, abi: int = 7, refuses: object = None) -> None:
        self.abi = abi
        self.refuses = refuses
        self.asked: dict[object, list[tuple[object, ...]]] = {}

    def syscall(self, number: int, *arguments: object) -> int:
        """Landlock's three calls."""
        if number == 444 and arguments[0] is None:
            return self.abi or -1
        return self._answer(number, arguments, os.open("/", os.O_PATH) if number == 444 else 0)

    def prctl(self, option: int, *arguments: object) -> int:
        """The switches of a process."""
        return self._answer(f"prctl {option}", arguments, 0)

    def _answer(self, call: object, arguments: tuple[object, ...], result: int) -> int:
        self.asked.setdefault(call, []).append(arguments)
        if call == self.refuses:
            ctypes.set_errno(errno.EPERM)
            return -1
        return result


def filter_descriptor() -> int:
    """What the service passes on."""
    descriptor = open_filter(unix_sockets=False, metadata=False)
    assert descriptor is not None
    return descriptor


class Ended(Exception):
    """The launcher has ended or has become the program."""


@pytest.fixture
def launch(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[object, ...]]:
    """Runs the launcher against a kernel; tells how it ended."""

    def end(*how: object) -> None:
        raise Ended(*how)

    def do(kernel: Kernel, *words: str) -> tuple[object, ...]:
        monkeypatch.setattr(launcher, "_LIBC", kernel)
        monkeypatch.setattr(os, "execve", end)
        monkeypatch.setattr(os, "_exit", end)
        with pytest.raises(Ended) as ended:
            launcher.main([f"filter={filter_descriptor()}", *words])
        return ended.value.args

    return do


Launch = Callable[..., tuple[object, ...]]


@pytest.mark.parametrize(("abi", "size"), [(1, 8), (3, 8), (4, 16), (5, 16), (6, 24), (7, 24)])
def test_all_is_set_up_before_the_program_begins(launch: Launch, abi: int, size: int) -> None:
    """Older kernels are asked for less; what is asked for is refused but for the rules."""
    kernel = Kernel(abi)
    words = ["read=/usr", "read=/nowhere", "device=/dev/null", "set=A=b=c", "--", "/bin/x", "y"]
    assert launch(kernel, *words) == ("/bin/x", ["/bin/x", "y"], {"A": "b=c"})
    [(attributes, told_size, _)] = kernel.asked[444]
    assert told_size == size
    assert struct.unpack("QQQ", attributes) == (  # type: ignore[arg-type]
        file_accesses(abi),
        3 if abi >= 4 else 0,
        3 if abi >= 6 else 0,
    )
    rules = [struct.unpack("=Qi", rule[2])[0] for rule in kernel.asked[445]]  # type: ignore[arg-type]
    assert rules == [0b1101, 0b110]  # execute, read, list; read and write
    assert len(kernel.asked[446]) == 1
    assert kernel.asked["prctl 38"][0][0] == 1
    assert len(kernel.asked["prctl 22"]) == 1


@pytest.mark.parametrize("refuses", [444, 445, 446, "prctl 38", "prctl 22"])
def test_a_kernel_that_refuses_leaves_no_program_running_free(
    launch: Launch, refuses: object, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half a sandbox is none: the launcher ends instead."""
    assert launch(Kernel(refuses=refuses), "read=/usr", "--", "/bin/x") == (launcher.FAILED,)
    assert capsys.readouterr().err.startswith("the sandbox cannot be set up: ")


def test_a_kernel_without_landlock_is_told(
    launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The probe asks first; a kernel does not change under a running service."""
    assert launch(Kernel(abi=0), "--", "/bin/x") == (launcher.FAILED,)
    assert "the kernel has no Landlock" in capsys.readouterr().err


def test_a_program_that_is_not_there_ends_like_a_shells(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """127, as in every other level."""

    def end(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(launcher, "_LIBC", Kernel())
    monkeypatch.setattr(os, "_exit", end)
    with pytest.raises(Ended, match="127"):
        launcher.main([f"filter={filter_descriptor()}", "--", str(tmp_path / "none")])
    assert capsys.readouterr().err == f"{tmp_path}/none: No such file or directory\n"


def test_as_a_script_it_takes_its_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a program there is nothing to confine, and nothing is."""
    monkeypatch.setattr(sys, "argv", ["launcher.py", "read=/usr"])
    with pytest.raises(ValueError, match="--"):
        runpy.run_path(launcher.__file__, run_name="__main__")

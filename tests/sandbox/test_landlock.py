"""The launcher is given the rules of this run and no others."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from pricing_fdm.sandbox import launcher
from pricing_fdm.sandbox.call_filter import call_filter
from pricing_fdm.sandbox.landlock import LandlockSandbox


def rules(folder: Path, env: dict[str, str], *readable: Path) -> list[str]:
    """The words for the launcher, for PrusaSlicer in a folder."""
    argv = ["/usr/bin/prusa-slicer", "-g"]
    command = LandlockSandbox(Path("/usr/bin/python3")).command(
        argv, cwd=folder, env=env, readable=readable
    )
    end = command.argv.index("--")
    assert command.argv[:4] == ["/usr/bin/python3", "-I", "-S", launcher.__file__]
    assert list(command.argv[end + 1 :]) == argv
    assert (command.env, command.supervised) == ({}, False)
    return list(command.argv[4:end])


def test_only_the_folder_of_the_run_can_be_changed(tmp_path: Path) -> None:
    """All other rules let a program read, or use a harmless device."""
    words = rules(tmp_path, {})
    assert [word for word in words if word.startswith("change=")] == [f"change={tmp_path}"]
    devices = {word for word in words if word.startswith("device=")}
    names = ("null", "zero", "full", "random", "urandom")
    assert devices == {f"device=/dev/{name}" for name in names}
    kinds = {word.partition("=")[0] for word in words}
    assert kinds - {"user"} == {"change", "device", "read", "filter"}  # `user` where we are root


def test_a_folder_that_is_named_readable_can_be_read(tmp_path: Path) -> None:
    """The converter of STEP files needs its libraries."""
    library = Path("/opt/library")
    assert f"read={library}" in rules(tmp_path, {}, library)
    assert f"read={library}" not in rules(tmp_path, {})


def test_the_environment_is_built_by_the_launcher(tmp_path: Path) -> None:
    """The launcher's own Python gets none of it; a value may hold `=`."""
    words = rules(tmp_path, {"LANG": "C.UTF-8", "RUN": "a=b"})
    assert words[-2:] == ["set=LANG=C.UTF-8", "set=RUN=a=b"]


def test_local_sockets_are_left_only_to_a_program_with_a_display(tmp_path: Path) -> None:
    """The X server listens on one."""
    for display, is_left in ((":7", True), ("host:7", False)):
        words = rules(tmp_path, {"DISPLAY": display})
        descriptor = next(int(word[7:]) for word in words if word.startswith("filter="))
        with os.fdopen(descriptor, "rb") as file:
            expected = call_filter(platform.machine(), unix_sockets=is_left, metadata=False)
            assert file.read() == expected

"""bubblewrap shows a program its own files only; when it is broken, that is our failure."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pricing_fdm.sandbox.bubblewrap import BubblewrapSandbox
from tests.sandbox.sandboxes import sandboxed


def test_bubblewrap_is_installed() -> None:
    """`make setup` installs it; without it the tests below would prove little."""
    assert shutil.which("bwrap"), "bubblewrap is missing; run `make setup`"


def test_a_sandbox_that_cannot_be_set_up_is_our_failure(tmp_path: Path) -> None:
    """Told as the slicer's exit code it would count as a verdict on the model."""
    broken = BubblewrapSandbox(Path("/bin/false"), has_proc=True)
    with pytest.raises(OSError, match="its sandbox cannot be set up"):
        sandboxed(broken, "pass", tmp_path)


def options(folder: Path, env: dict[str, str], *, has_proc: bool = True) -> list[tuple[str, ...]]:
    """The options of bubblewrap, each with its words, for PrusaSlicer in a folder."""
    sandbox = BubblewrapSandbox(Path("/usr/bin/bwrap"), has_proc=has_proc)
    command = sandbox.command(["/usr/bin/prusa-slicer", "-g"], cwd=folder, env=env)
    assert command.env == {}
    assert command.supervised
    assert list(command.argv[-2:]) == ["/usr/bin/prusa-slicer", "-g"]
    found: list[tuple[str, ...]] = []
    for word in command.argv[1 : command.argv.index("--")]:
        if word.startswith("--"):
            found.append((word,))
        else:
            found[-1] += (word,)
    return found


def test_only_the_folder_of_the_run_can_be_written_to(tmp_path: Path) -> None:
    """Everything else that is shown is read-only or in memory."""
    written = [option for option in options(tmp_path, {}) if option[0] == "--bind"]
    assert written == [("--bind", str(tmp_path), str(tmp_path))]


def test_a_program_of_the_system_is_shown_no_folder_besides(tmp_path: Path) -> None:
    """Above all no home and no /etc as a whole."""
    shown = {option[1] for option in options(tmp_path, {}) if option[0].startswith("--ro-bind")}
    assert {path for path in shown if not path.startswith(("/usr", "/lib", "/bin", "/sbin"))} == {
        "/etc/ld.so.cache",
        "/etc/alternatives",
        "/etc/fonts",
        "/etc/localtime",
    }


@pytest.mark.parametrize(
    ("has_proc", "expected"),
    [
        (True, [("--proc", "/proc"), ("--remount-ro", "/proc")]),
        (
            False,
            [
                ("--dir", "/proc/self"),
                ("--symlink", "/usr/bin/prusa-slicer", "/proc/self/exe"),
            ],
        ),
    ],
)
def test_the_program_finds_its_own_name_with_and_without_proc(
    tmp_path: Path, has_proc: bool, expected: list[tuple[str, ...]]
) -> None:
    """PrusaSlicer aborts when `/proc/self/exe` is missing."""
    of_proc = [
        option
        for option in options(tmp_path, {}, has_proc=has_proc)
        if option[-1].startswith("/proc")
    ]
    assert of_proc == expected


def test_the_socket_of_a_display_is_shown_only_where_there_is_one(tmp_path: Path) -> None:
    """OrcaSlicer needs none by default."""
    socket = ("--ro-bind-try", "/tmp/.X11-unix/X7", "/tmp/.X11-unix/X7")
    assert socket in options(tmp_path, {"DISPLAY": ":7"})
    assert socket not in options(tmp_path, {})

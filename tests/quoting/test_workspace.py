"""Every quote has a folder of its own, and none is left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pricing_fdm.errors import WorkspaceFull
from pricing_fdm.quoting.workspace import Workspaces
from pricing_fdm.sandbox.user import RUN_USER, other_user
from tests.harness.waiting import wait_until


def workspaces(root: Path) -> Workspaces:
    return Workspaces(root, least_free_bytes=1)


def test_folder_is_private_and_gone_afterwards_c10(tmp_path: Path) -> None:
    """C10: mode 0700, a random name, removed with all that is in it."""
    with workspaces(tmp_path).folder() as workspace:
        found = workspace.path.stat()
        if other_user() is None:
            assert stat.S_IMODE(found.st_mode) == 0o700
        else:
            assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o710, RUN_USER)
        (workspace.path / "deep").mkdir()
        (workspace.path / "deep" / "file").write_text("x")
    assert list(tmp_path.iterdir()) == []


def test_folder_is_gone_after_an_error_too_c10(tmp_path: Path) -> None:
    """C10: most errors come from models that are worth nothing on our disk."""
    with pytest.raises(ZeroDivisionError), workspaces(tmp_path).folder():
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_folder_stays_while_somebody_holds_it(tmp_path: Path) -> None:
    """One who waits for a slice needs it when the one who brought the model has left."""
    with workspaces(tmp_path).folder() as workspace:
        holding = contextlib.ExitStack()
        holding.enter_context(workspace.held())
    with holding:
        assert workspace.path.is_dir()
        assert workspaces(tmp_path).sweep() == 0
    assert list(tmp_path.iterdir()) == []


def test_the_next_start_removes_the_folders_of_the_dead_only_c4(tmp_path: Path) -> None:
    """C4: a service that was killed leaves folders; another one may share the disk and live."""
    script = (
        "import sys, time; from pathlib import Path\n"
        "from pricing_fdm.quoting.workspace import Workspaces\n"
        f"with Workspaces(Path({str(tmp_path)!r}), least_free_bytes=1).folder() as folder:\n"
        "    print(folder.path, flush=True); time.sleep(600)\n"
    )
    argv = [sys.executable, "-c", script]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as dead:
        assert dead.stdout is not None
        abandoned = Path(dead.stdout.readline().strip())
        with workspaces(tmp_path).folder() as living:
            assert workspaces(tmp_path).sweep() == 0
            os.kill(dead.pid, signal.SIGKILL)
            dead.wait()
            assert abandoned.is_dir()
            assert workspaces(tmp_path).sweep() == 1
            assert not abandoned.exists()
            assert living.path.is_dir()


def test_foreign_folders_are_never_swept(tmp_path: Path) -> None:
    """A name like ours is no proof; only a lock that we could take is."""
    (tmp_path / "pricing-fdm-mine").mkdir()
    assert workspaces(tmp_path).sweep() == 0
    assert (tmp_path / "pricing-fdm-mine").is_dir()


@pytest.mark.parametrize(
    ("root", "least_free_bytes"),
    [("", 2**62), ("missing", 1)],
    ids=["disk nearly full", "folder missing"],
)
def test_no_room_is_a_named_failure_e9(tmp_path: Path, root: str, least_free_bytes: int) -> None:
    """E9: the caller comes back later, and the operator reads which folder it is."""
    full = Workspaces(tmp_path / root, least_free_bytes=least_free_bytes)
    with pytest.raises(WorkspaceFull) as refused, full.folder():
        pass
    assert refused.value.retry_after_s > 0
    assert str(tmp_path) not in refused.value.detail
    assert str(tmp_path) in (refused.value.log_detail or "")


def test_a_folder_that_cannot_be_made_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of inodes, say: there is space, and no folder to be had."""
    monkeypatch.setattr(Path, "mkdir", _no_inodes)
    with pytest.raises(WorkspaceFull), workspaces(tmp_path).folder():
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_cannot_be_made_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, one file earlier."""
    monkeypatch.setattr("os.open", _no_inodes)
    with pytest.raises(WorkspaceFull), workspaces(tmp_path).folder():
        pass


NAME = "pricing-fdm-0123456789abcdef"


@pytest.mark.parametrize("left", [[".lock"], [".lock", ""], [".new"]], ids=" and ".join)
def test_whatever_a_killed_service_leaves_is_swept_c4(tmp_path: Path, left: list[str]) -> None:
    """C4: killed between the lock and the folder, at work, or before it had the lock."""
    for end in left:
        path = tmp_path / f"{NAME}{end}"
        path.touch() if end else path.mkdir()
        os.utime(path, (0, 0))
    workspaces(tmp_path).sweep()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_is_just_being_made_is_left_alone(tmp_path: Path) -> None:
    """Its owner is alive, and will hold it in a moment."""
    (tmp_path / f"{NAME}.new").touch()
    workspaces(tmp_path).sweep()
    assert (tmp_path / f"{NAME}.new").exists()


# Runs in the folder of a quote, as a slicer that was taken over would.
LEFTOVERS = {
    "nested": "[(os.mkdir('d'), os.chdir('d')) for _ in range(3000)]",
    "closed": "os.mkdir('d'); os.mkdir('d/e'); os.chmod('d', 0); os.chmod('.', 0)",
    "many": "[open(str(n), 'w') for n in range(1000)]",
}


@pytest.mark.parametrize("leave", LEFTOVERS.values(), ids=list(LEFTOVERS))
def test_break_in_4_whatever_a_slicer_leaves_is_gone_afterwards(tmp_path: Path, leave: str) -> None:
    """Nested folders stopped the deletion, and a closed one stayed without its lock."""
    with workspaces(tmp_path).folder() as workspace:
        leave_behind(workspace.path, leave)
    wait_until(lambda: not list(tmp_path.iterdir()))


@pytest.mark.parametrize("leave", LEFTOVERS.values(), ids=list(LEFTOVERS))
def test_break_in_4_the_next_start_removes_whatever_was_left(tmp_path: Path, leave: str) -> None:
    """2,500 nested folders made it exit with code 3, again and again."""
    (tmp_path / NAME).mkdir()
    (tmp_path / f"{NAME}.lock").touch()
    leave_behind(tmp_path / NAME, leave)
    assert workspaces(tmp_path).sweep() == 1
    wait_until(lambda: not list(tmp_path.iterdir()))


def leave_behind(folder: Path, leave: str) -> None:
    subprocess.run([sys.executable, "-c", f"import os; {leave}"], cwd=folder, check=True)


def test_break_in_4_what_cannot_be_deleted_keeps_its_lock_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder without its lock was never swept; and no start fails of one that stays."""
    reported: list[tuple[Path, OSError]] = []
    stuck = Workspaces(
        tmp_path, least_free_bytes=1, report=lambda folder, error: reported.append((folder, error))
    )
    with monkeypatch.context() as broken:
        broken.setattr(Path, "rmdir", _no_inodes)  # as of a disk that fails
        with stuck.folder() as workspace:
            pass
        for _ in range(2):
            stuck.sweep()
        assert [folder for folder, _ in reported] == [workspace.path] * 3
        broken.setattr("os.scandir", _no_inodes)
        assert stuck.sweep() == 0
        assert reported[-1][0] == tmp_path
    assert workspace.path.is_dir()
    assert stuck.sweep() == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["pricing-fdm-uploads", "pricing-fdm-mine"])
def test_break_in_11_only_names_of_ours_are_swept(tmp_path: Path, name: str) -> None:
    """An empty `pricing-fdm-uploads.lock` had the store of uploads deleted at the next start."""
    (tmp_path / name).mkdir()
    (tmp_path / f"{name}.lock").touch()
    assert workspaces(tmp_path).sweep() == 0
    assert (tmp_path / name).is_dir()


def _no_inodes(*_: object, **__: object) -> int:
    raise OSError(28, "No space left on device")

"""Break-in 4: whatever a program leaves can be deleted, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricing_fdm.sandbox.removal import remove_tree

NESTED = 3000
OTHER = 10001  # who is root also tries to be somebody without root's rights

# Each is a Python program in whose folder the leftovers arise, as those of a slicer do.
LEFTOVERS = {
    "nothing": "",
    "files and folders": "os.makedirs('a/b/c'); open('a/b/f', 'w'); open('g', 'w')",
    "deep": f"[(os.mkdir('d'), os.chdir('d')) for _ in range({NESTED})]; open('f', 'w')",
    "deep and closed": (
        "[(os.mkdir('d'), os.chdir('d')) for _ in range(50)]\n"
        "for _ in range(50): os.chdir('..'); os.chmod('d', 0)"
    ),
    "closed": "os.mkdir('d'); open('d/f', 'w'); os.chmod('d', 0); os.chmod('.', 0)",
    "closed file": "open('f', 'w'); os.chmod('f', 0)",
    "links": "os.symlink('../outside', 'd'); os.symlink('/nowhere', 'f'); os.symlink('.', 'l')",
    "link in a folder": "os.mkdir('d'); os.symlink('../../outside', 'd/o')",
    "FIFO and socket": "import socket; os.mkfifo('p'); socket.socket(1).bind('s')",
    "many": "[open(f'{n}', 'w') for n in range(2500)]",
    "wide": "[os.makedirs(f'{n}/a') for n in range(1200)]",
    "no text": "os.mkdir(b'\\xff'); open(b'\\xff/\\xfe', 'w')",
}


@pytest.fixture(params=LEFTOVERS.values(), ids=list(LEFTOVERS))
def left(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder full of leftovers, beside one that must stay as it is."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("keep")
    folder = tmp_path / "run"
    folder.mkdir()
    subprocess.run([sys.executable, "-c", f"import os\n{request.param}"], cwd=folder, check=True)
    yield folder
    assert (tmp_path / "outside" / "file").read_text() == "keep"


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_break_in_4_every_leftover_can_be_deleted(left: Path) -> None:
    """2,500 folders in each other stopped the deletion, and with it the next start."""
    before = open_descriptors()
    assert remove_tree(left)
    assert not os.path.lexists(left)
    assert open_descriptors() == before


def test_break_in_4_it_can_be_deleted_without_roots_rights(left: Path) -> None:
    """Root enters a folder of mode 000, others do not; who is not root tries it as himself."""
    if os.geteuid() != 0:
        assert remove_tree(left)
        return
    os.chown(left.parent, OTHER, OTHER)
    subprocess.run(["chown", "-hR", f"{OTHER}:{OTHER}", left.name], cwd=left.parent, check=True)
    child = os.fork()
    if not child:
        try:
            os.chdir(left.parent)
            os.setgid(OTHER)
            os.setuid(OTHER)
            os._exit(0 if remove_tree(Path(left.name)) else 2)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert not os.path.lexists(left)


def test_a_bounded_deletion_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """The event loop does the first part only."""
    folder = tmp_path / "run"
    for name in ("a/b/c/d", "e/f", "g"):
        (folder / name).mkdir(parents=True)
    calls = 1
    while not remove_tree(folder, at_most=2):
        calls += 1
    assert calls > 2
    assert not folder.exists()


def test_what_is_gone_is_gone(tmp_path: Path) -> None:
    """Its owner may have been faster."""
    assert remove_tree(tmp_path / "none")


@pytest.mark.parametrize("kind", ["link", "file"])
def test_only_a_folder_is_deleted(tmp_path: Path, kind: str) -> None:
    """A link in its place leads to what is not ours."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("keep")
    if kind == "link":
        (tmp_path / "run").symlink_to("outside")
    else:
        (tmp_path / "run").write_text("keep")
    with pytest.raises(NotADirectoryError):
        remove_tree(tmp_path / "run")
    assert (tmp_path / "outside" / "file").read_text() == "keep"

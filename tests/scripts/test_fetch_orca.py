"""The AppImage is the pinned one, wherever it came from."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path

import pytest

from tests.scripts.checkout import Checkout

SCRIPT = "scripts/fetch-orca"
APPIMAGE = b"an AppImage"


@pytest.fixture
def pinned(checkout: Checkout) -> Checkout:
    """A checkout whose pin is our AppImage's."""
    text = (checkout.root / "scripts/install-slicer").read_text()
    [hash_of_the_real] = re.findall(r"^readonly sha256=(\w+)$", text, re.MULTILINE)
    checkout.edit("scripts/install-slicer", hash_of_the_real, hashlib.sha256(APPIMAGE).hexdigest())
    checkout.fake("python3", f'exec {os.fspath(sys.executable)} "$@"')
    return checkout


def test_it_is_downloaded(pinned: Checkout, file_server: tuple[str, Path]) -> None:
    url, folder = file_server
    (folder / "orca").write_bytes(APPIMAGE)
    done = pinned.run("bash", SCRIPT, "got", ORCA_APPIMAGE_URL=f"{url}/orca")
    assert (done.returncode, done.stderr) == (0, "")
    assert (pinned.root / "got").read_bytes() == APPIMAGE


def test_one_that_is_there_is_taken(pinned: Checkout, closed_port: int) -> None:
    """A machine without a way to the internet brings its own."""
    (pinned.root / "got").write_bytes(APPIMAGE)
    nowhere = f"http://127.0.0.1:{closed_port}/"
    assert pinned.run("bash", SCRIPT, "got", ORCA_APPIMAGE_URL=nowhere).returncode == 0


def test_one_that_is_there_and_is_another_is_refused(pinned: Checkout) -> None:
    """The image would be built around it."""
    (pinned.root / "got").write_bytes(b"something else")
    done = pinned.run("bash", SCRIPT, "got")
    assert done.returncode == 1
    assert "SHA-256" in done.stderr


def test_where_it_cannot_be_had_the_last_line_says_why(pinned: Checkout, closed_port: int) -> None:
    """That line is what `make image` shows."""
    nowhere = f"http://127.0.0.1:{closed_port}/"
    done = pinned.run("bash", SCRIPT, "got", ORCA_APPIMAGE_URL=nowhere)
    assert done.returncode != 0
    assert "the download failed" in done.stderr.splitlines()[-1]

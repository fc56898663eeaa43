"""One display for the life of the service, for operators who ask for it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from pricing_fdm.slicers.engine import SlicerUnavailable
from pricing_fdm.slicers.orca import display
from pricing_fdm.slicers.orca.display import VirtualDisplay
from tests.harness.waiting import wait_until


def install_xvfb(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Puts an executable `Xvfb` on PATH; `fd` is the descriptor it writes to."""
    program = folder / "Xvfb"
    program.write_text(
        f"#!{Path(sys.executable).resolve()} -IS\nimport os, sys, time\n"
        f"fd = int(sys.argv[sys.argv.index('-displayfd') + 1])\n"
        f"assert sys.argv[-2:] == ['-nolisten', 'tcp']\n{body}\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_it_is_started_once_and_names_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It chooses its own number, so that no stale lock file is in the way; no TCP."""
    install_xvfb(tmp_path, monkeypatch, "os.write(fd, b'97\\n'); time.sleep(600)")
    started = asyncio.run(VirtualDisplay.start())
    assert started.name == ":97"
    alive = [started.alive]
    started.stop()
    alive.append(started.alive)
    started.stop()  # a second time does no harm
    assert alive == [True, False]


def test_the_line_is_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Xvfb writes number and end of line apart, and dies if it cannot: that was a dead display."""
    done = tmp_path / "done"
    body = (
        "os.write(fd, b'9'); time.sleep(0.2); os.write(fd, b'7'); time.sleep(0.2)\n"
        f"os.write(fd, b'\\n'); open({str(done)!r}, 'w'); time.sleep(600)"
    )
    install_xvfb(tmp_path, monkeypatch, body)
    started = asyncio.run(VirtualDisplay.start())
    try:
        assert started.name == ":97"
        wait_until(done.exists)
        assert started.alive
    finally:
        started.stop()


@pytest.mark.parametrize("body", ["sys.exit(1)", "time.sleep(600)"], ids=["ends", "is silent"])
def test_one_that_does_not_come_up_is_told_and_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    """Readiness says so; no half-started server is left."""
    monkeypatch.setattr(display, "_START_TIMEOUT_S", 3.0)
    install_xvfb(
        tmp_path,
        monkeypatch,
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); {body}",
    )
    with pytest.raises(SlicerUnavailable, match="did not start"):
        asyncio.run(VirtualDisplay.start())
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text()}").exists()


def test_without_xvfb_it_says_which_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator reads what to install."""
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SlicerUnavailable, match="package xvfb"):
        asyncio.run(VirtualDisplay.start())

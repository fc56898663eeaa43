"""`pricing-fdm quote`: a shop prices a file on its desk, with the service's own pipeline."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness.command import pricing_fdm
from tests.harness.puppet import install_fake_prusa, read_records
from tests.harness.shapes import binary_stl, box


@pytest.fixture
def cube(tmp_path: Path) -> Path:
    """A 20 mm cube on disk."""
    path = tmp_path / "my cube.stl"
    path.write_bytes(binary_stl(box(20, 20, 20)))
    return path


def test_the_table_tells_what_a_person_asks(cube: Path) -> None:
    """Size, settings, time, grams, the bill, the lead time."""
    result = pricing_fdm("quote", cube, "--quantity", "3")
    assert result.returncode == 0, result.stderr
    for expected in ("my cube.stl, 20 x 20 x 20 mm, 8.00 cm3", "PLA, 200 um", "total for 3", "USD"):
        assert expected in result.stdout
    assert result.stderr == "", "no progress line where nobody looks"


def test_json_is_the_body_of_the_http_answer(cube: Path) -> None:
    """Programs read the same names from both."""
    result = pricing_fdm("quote", cube, "--material", "PETG", "--infill", "50", "--json")
    body = json.loads(result.stdout)
    assert body["print"]["material"] == "petg"
    assert body["print"]["infill"] == 50
    assert body["total_usd"] > 0
    assert body["model"]["bytes"] == cube.stat().st_size


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--infill", "5"], "infill"),
        (["--quantity", "0"], "quantity"),
        (["--material", "wood"], "material: Must be 'pla', 'abs'"),
        (["--layer-thickness", "150"], "layer_thickness: Must be 100, 200 or 300"),
    ],
)
def test_a_wrong_option_is_named(cube: Path, arguments: list[str], says: str) -> None:
    """Exit code 2, as every command-line tool does."""
    result = pricing_fdm("quote", cube, *arguments)
    assert result.returncode == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot be read"), (b"<html></html>", "web page"), (b"x" * 2_000_000, "larger than")],
    ids=["missing", "not a model", "too large"],
)
def test_a_bad_file_is_refused_in_words(tmp_path: Path, content: bytes | None, says: str) -> None:
    """Exit code 1, one sentence, no traceback."""
    path = tmp_path / "part.stl"
    if content is not None:
        path.write_bytes(content)
    result = pricing_fdm("quote", path, environment={"MAX_FILE_SIZE_MB": "1"})
    assert result.returncode == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_without_a_slicer_it_says_what_to_do(cube: Path) -> None:
    """The first thing that goes wrong on a new machine."""
    result = pricing_fdm("quote", cube, environment={"PRUSA_BINARY": "/nonexistent"})
    assert result.returncode == 1
    assert "make setup" in result.stderr


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_interrupting_it_leaves_nothing_behind(
    cube: Path, tmp_path: Path, sent: signal.Signals
) -> None:
    """No slicer, no folder; the progress line says what it was doing."""
    binary = install_fake_prusa(
        tmp_path / "bin",
        hang=True,
        stage="slicing",
        record_to=tmp_path / "seen",
    )
    temp_dir = tmp_path / "temp"
    temp_dir.mkdir()
    terminal, inside = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pricing_fdm", "quote", str(cube)],
        env={
            "PATH": os.environ["PATH"],
            "SLICER": "prusa",
            "PRUSA_BINARY": str(binary),
            "TEMP_DIR": str(temp_dir),
        },
        stdout=subprocess.PIPE,
        stderr=inside,
    )
    os.close(inside)
    shown = b""
    end = time.monotonic() + 30
    while b"slicing 20 %" not in shown and time.monotonic() < end:
        shown += os.read(terminal, 1000)
    while not read_records(tmp_path / "seen"):
        time.sleep(0.02)
    process.send_signal(sent)
    process.communicate(timeout=30)
    os.close(terminal)
    assert process.returncode in {130, 143}
    assert list(temp_dir.iterdir()) == []
    for record in read_records(tmp_path / "seen"):
        assert not Path(f"/proc/{record['pid']}").exists()

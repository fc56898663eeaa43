"""`pricing-fdm quote`: a shop prices a file on its desk, with the service's own pipeline."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from tests.harness.command import pricing_fdm
from tests.harness.puppet import install_fake_prusa, read_records
from tests.harness.shapes import ascii_stl, binary_stl, box
from tests.quoting.fitted import estimating_shop


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
    assert re.search(r"plates +1 of 3 copies, [01]h \d\dm in all", result.stdout)
    assert result.stderr == "", "no progress line where nobody looks"


def test_json_is_the_body_of_the_http_answer(cube: Path) -> None:
    """Programs read the same names from both."""
    result = pricing_fdm("quote", cube, "--material", "PETG", "--infill", "50", "--json")
    body = json.loads(result.stdout)
    assert body["print"]["material"] == "petg"
    assert body["print"]["infill"] == 50
    assert body["total_usd"] > 0
    assert body["model"]["bytes"] == cube.stat().st_size


def test_a_wrong_option_is_named(cube: Path) -> None:
    """Exit code 2, as every command-line tool does."""
    result = pricing_fdm("quote", cube, "--infill", "5")
    assert result.returncode == 2
    assert "--infill: Must be" in result.stderr
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


def test_several_files_are_a_table_with_a_total(cube: Path, tmp_path: Path) -> None:
    """One that cannot be priced is told in its line, and by the exit code."""
    page = tmp_path / "page.stl"
    page.write_bytes(b"<html></html>")
    files = (cube, page, tmp_path / "none.stl", "-")
    result = pricing_fdm("quote", *files, piped=ascii_stl(box(10, 20, 5)).decode())
    head, first, second, third, fourth, total = result.stdout.splitlines()
    assert result.returncode == 1
    assert head.split() == ["file", "time", "filament", "price", "ready", "in"]
    prices = [Decimal(line.split(" USD")[0].split()[-1]) for line in (first, fourth, total)]
    assert prices[0] + prices[1] == prices[2] > 10
    assert "The file is not a model" in second
    assert "cannot be read: No such file" in third
    assert fourth.startswith("standard input ")
    assert total.startswith("total of 2 of 4")


def test_several_files_as_json_are_a_list_of_quotes_and_problems(
    cube: Path, tmp_path: Path
) -> None:
    """In the order in which they were named."""
    result = pricing_fdm("quote", "--json", cube, tmp_path / "none.stl")
    body = json.loads(result.stdout)
    assert result.returncode == 1
    first, second = body["files"]
    assert (first["file"], second["file"]) == (str(cube), str(tmp_path / "none.stl"))
    assert body["total"] == first["quote"]["price"]["total"]
    assert body["currency"] == "USD"
    assert second["problem"]["code"] == "invalid_request"


def test_what_a_shop_has_is_compared(cube: Path) -> None:
    """A price for each, as `/options` gives them; thin layers take longer."""
    result = pricing_fdm("quote", cube, "--compare", "layer_thickness", "--json")
    options = json.loads(result.stdout)["options"]
    assert result.returncode == 0
    quotes = [option["quote"] for option in options]
    assert [quote["print"]["layer_thickness"] for quote in quotes] == [100, 200, 300]
    prices = [quote["total_usd"] for quote in quotes]
    assert prices == sorted(prices, reverse=True)
    assert prices[0] > prices[2]


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (("--infill", "x"), 2, [("infill", "must be a whole number")]),
        (("--infilll=30",), 2, None),
        (("--finish", "gilded"), 2, [("finishes", "there are no finishes for this material")]),
        ((), 1, None),
    ],
)
def test_with_json_every_refusal_is_a_problem_on_the_standard_output(
    tmp_path: Path, arguments: tuple[str, ...], code: int, named: list[tuple[str, str]] | None
) -> None:
    """A program reads one stream, and finds the code in it."""
    result = pricing_fdm("quote", "--json", tmp_path / "none.stl", *arguments)
    problem = json.loads(result.stdout)
    assert (result.returncode, result.stderr) == (code, "")
    assert (problem["code"], problem["status"]) == ("invalid_request", 400)
    assert {"type", "title", "detail"} <= problem.keys()
    found = [(each["field"], each["message"]) for each in problem.get("errors", [])]
    assert found == (named or [])


def test_with_json_a_wrong_setting_is_a_problem_too(cube: Path) -> None:
    """It stops the command before anything is read."""
    result = pricing_fdm("quote", "--json", cube, environment={"QUEUE_PLACES": "many"})
    assert result.returncode == 2
    assert "QUEUE_PLACES" in json.loads(result.stdout)["detail"]


def test_the_help_lists_what_the_shop_in_force_offers() -> None:
    """Nobody knows the ids by heart."""
    shown = pricing_fdm("quote", "--help").stdout
    assert "--layer-thickness UM" in shown
    assert "--material  pla, abs, petg" in shown
    faulty = pricing_fdm("quote", "--help", environment={"SHOP_DIR": "/nonexistent"})
    assert (faulty.returncode, "--material ID" in faulty.stdout) == (0, True)


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
    while b" % slicing" not in shown and time.monotonic() < end:
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


def test_an_estimate_slices_nothing_and_says_that_it_does_not_bind(
    cube: Path, tmp_path: Path
) -> None:
    """A table for people, the body of the HTTP answer for programs; one file only."""
    environment = {"SHOP_DIR": str(estimating_shop(tmp_path / "shop"))}
    told = pricing_fdm("quote", cube, "--estimate", environment=environment)
    assert told.returncode == 0, told.stderr
    for expected in ("20 x 20 x 20 mm", "about, for 1", " to ", "USD", "does not bind"):
        assert expected in told.stdout
    body = json.loads(
        pricing_fdm("quote", cube, "--estimate", "--json", environment=environment).stdout
    )
    assert body["binding"] is False
    assert f"{body['price']['low']} to {body['price']['high']} USD" in told.stdout
    two = pricing_fdm("quote", cube, cube, "--estimate", environment=environment)
    assert (two.returncode, two.stdout) == (2, "")
    assert "--estimate is for one file" in two.stderr

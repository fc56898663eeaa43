"""`pricing-fdm shop import`: what an owner prints with now, out of the files that there are.

With PrusaSlicer itself, which writes the G-code and slices with what was imported from it.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.harness.command import pricing_fdm
from tests.harness.shapes import ascii_stl, box
from tests.slicers.importing.files import PRUSA

FIGURES = re.compile(r"self-test +a 10 mm cube takes ([0-9.]+) g and ([0-9]+) s")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop, a configuration, and a G-code that PrusaSlicer made with it."""
    folder = tmp_path_factory.mktemp("importing")
    assert pricing_fdm("shop", "init", folder / "shop").returncode == 0
    config = folder / "config.ini"
    text = PRUSA.replace("post_process = /bin/send.sh\n", "")
    config.write_text(text.replace("first_layer_height = 150%", "first_layer_height = 0.3"))
    part = folder / "part.stl"
    part.write_bytes(ascii_stl(box(10, 10, 5)))
    output = folder / "part.gcode"
    subprocess.run(
        ["prusa-slicer", "-g", "--load", config, "-o", output, part],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return folder


def imported(folder: Path, *options: str | Path) -> str:
    """What the command says, which must succeed."""
    done = pricing_fdm("shop", "import", *options, "--shop", folder / "shop")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_gcode_and_its_configuration_bring_the_same_printer(folder: Path) -> None:
    """The cube of the report is really sliced, with figures to hold beside the owner's slicer."""
    config = imported(folder, folder / "config.ini", "--id", "of-config")
    gcode = imported(folder, folder / "part.gcode", "--id", "of-gcode")
    figures = [FIGURES.search(each) for each in (config, gcode)]
    assert figures[0]
    assert figures[1]
    assert figures[0].groups() == figures[1].groups()
    assert 0.3 < float(figures[0][1]) < 2.5
    assert "  made with     PrusaSlicer 2.8.1, but 2." in config
    assert "but" not in next(line for line in gcode.splitlines() if "made with" in line)
    assert pricing_fdm("shop", "check", folder / "shop").returncode == 0
    options = ("--printer", "of-gcode", "--material", "pla", "--layer-thickness", "200", "--json")
    environment = {"SHOP_DIR": str(folder / "shop")}
    quoted = pricing_fdm("quote", folder / "part.stl", *options, environment=environment)
    assert quoted.returncode == 0, quoted.stderr
    assert json.loads(quoted.stdout)["printer"]["id"] == "of-gcode"


def test_a_quality_of_a_file_changes_the_self_test(folder: Path) -> None:
    """The cube is sliced with what was brought, not with what the printer had before."""
    imported(folder, folder / "config.ini", "--id", "mine")
    thin = folder / "thin.ini"
    thin.write_text(PRUSA.replace("perimeters = 3", "perimeters = 1\nsolid_infill_below_area = 0"))
    before = FIGURES.search(imported(folder, folder / "config.ini", "--id", "x", "--dry-run"))
    options = (thin, "--as", "quality", "--printer", "mine", "--dry-run")
    told = imported(folder, *options)
    after = FIGURES.search(told)
    assert before
    assert after
    assert float(after[1]) < float(before[1])
    assert "  stripped      post_process\n" in told
    assert "0.2mm: My process, in place of presets/mine/process-my-process.ini" in told


def test_a_file_that_cannot_be_used_changes_nothing(folder: Path) -> None:
    """Also one that is not there, and one of gigabytes that is no G-code."""
    before = (folder / "shop" / "shop.toml").read_bytes()
    huge = folder / "huge.gcode"
    with huge.open("wb") as file:
        file.truncate(5 * 1024**3)
    for path, told in (
        (huge, "huge.gcode: is no text."),
        (folder / "none.ini", "none.ini cannot be read: No such file"),
        (folder / "part.stl", "part.stl:1: is no line of the form"),
    ):
        refused = pricing_fdm("shop", "import", path, "--shop", folder / "shop")
        assert refused.returncode == 1
        assert told in refused.stderr
    assert (folder / "shop" / "shop.toml").read_bytes() == before


def test_the_settings_of_a_huge_gcode_are_at_its_ends(folder: Path, tmp_path: Path) -> None:
    """A part of a day and more has hundreds of megabytes; the moves between are not read."""
    gcode = (folder / "part.gcode").read_bytes()
    huge = tmp_path / "huge.gcode"
    with huge.open("wb") as file:
        file.write(gcode[:1000])
        file.seek(300 * 1024**2)
        file.write(gcode)
    assert "self-test     a 10 mm cube" in imported(folder, huge, "--id", "huge", "--dry-run")

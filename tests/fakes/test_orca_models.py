"""The stand-in reads, places and measures parts as OrcaSlicer was observed to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.boxes import binary_stl
from tests.fakes.geometry import solid_of
from tests.harness.shapes import ascii_stl, box

if TYPE_CHECKING:
    from tests.fakes.bench import Bench
    from tests.fakes.stl import Triangle

# Coordinates whose bytes are all below 128, so that a single byte decides.
QUIET = box(8, 8, 8, (2, 2, 2))
CUBE = box(20, 20, 20, (10, 10, 0))


@pytest.mark.parametrize(
    ("offset", "exit_code"),
    [
        pytest.param(83, 250, id="header"),
        pytest.param(133, 250, id="before the window"),
        pytest.param(134, 0, id="first of the window"),
        pytest.param(261, 0, id="last of the window"),
        pytest.param(262, 250, id="after the window"),
    ],
)
def test_one_byte_makes_a_file_binary(bench: Bench, offset: int, exit_code: int) -> None:
    """A valid binary file without such a byte is taken for text and refused."""
    content = bytearray(binary_stl(QUIET, attribute=0))
    assert max(content[84:]) < 128
    content[offset] = 0x80
    assert bench.slice(model=bench.model("quiet", bytes(content))).exit == exit_code


@pytest.mark.parametrize(
    ("content", "exit_code"),
    [
        pytest.param(binary_stl(QUIET, attribute=0), 250, id="no high byte"),
        pytest.param(binary_stl(CUBE[:3]), 250, id="three facets are too short"),
        pytest.param(binary_stl(CUBE) + b"\0", 250, id="one byte too many"),
        pytest.param(ascii_stl(CUBE)[:-200], 0, id="text cut off is read up to there"),
        pytest.param(ascii_stl(CUBE).replace(b"vertex", b"vortex"), 250, id="wrong word"),
        pytest.param(ascii_stl(CUBE).replace(b" 30", b" 3o"), 250, id="wrong number"),
        pytest.param(b"solid nothing\nendsolid\n" + b" " * 300, 250, id="text without facets"),
        pytest.param(ascii_stl(CUBE, name="x" * 300), -11, id="a long name overruns a buffer"),
        pytest.param(ascii_stl([((float("nan"),) * 3,) * 3] * 4), 250, id="only NaN"),
        pytest.param(binary_stl([*CUBE, ((float("nan"),) * 3,) * 3]), 0, id="one NaN is skipped"),
    ],
)
def test_a_model_file_is_judged_as_admesh_does(
    bench: Bench, content: bytes, exit_code: int
) -> None:
    """Whatever our writer produces must pass here."""
    assert bench.slice(model=bench.model("odd", content)).exit == exit_code


def test_other_formats_are_refused(bench: Bench) -> None:
    """The adapter hands over STL only."""
    (bench.folder / "models/part.step").write_text("ISO-10303-21;")
    assert bench.slice(model="models/part.step").exit == 250


@pytest.mark.parametrize(
    ("facets", "arrange", "extra", "exit_code"),
    [
        pytest.param(box(246, 246, 5), "1", [], 0, id="arranged: 246 of 250"),
        pytest.param(box(246.2, 246, 5), "1", ["--allow-rotations=0"], 206, id="arranged: more"),
        pytest.param(box(250, 250, 5), "0", [], 0, id="as placed: all of the bed"),
        pytest.param(box(250.1, 250, 5), "0", [], 206, id="as placed: over the edge"),
        pytest.param(box(20, 20, 5, (-10, -10, 0)), "0", [], 206, id="centred on the origin"),
        pytest.param(box(20, 20, 5, (9, 9, 70)), "0", [], 0, id="floating parts are dropped"),
        pytest.param(box(20, 20, 250), "1", [], 0, id="as high as the printer"),
        pytest.param(box(20, 20, 250.5), "1", [], 206, id="too high"),
        pytest.param(box(20, 20, 0), "1", [], 206, id="flat as paper"),
        pytest.param(box(0.05, 20, 20), "1", [], 156, id="too narrow for a line"),
        pytest.param(box(20, 20, 0.09), "1", [], 156, id="thinner than half a layer"),
        pytest.param(box(20, 20, 5), "0", ["--orient", "1"], 206, id="orient without arrange"),
        pytest.param(box(20, 20, 5, (9, 9, 0)), "0", ["--scale", "0"], 254, id="scale by nothing"),
        pytest.param(box(20, 20, 5, (9, 9, 0)), "0", ["--rotate", "90"], 206, id="turned away"),
    ],
)
def test_a_part_must_stand_inside_the_printer(
    bench: Bench, facets: list[Triangle], arrange: str, extra: list[str], exit_code: int
) -> None:
    """The edges were measured with the real program."""
    model = bench.model("part", binary_stl(facets))
    assert bench.slice(*extra, model=model, arrange=arrange).exit == exit_code


def test_one_part_inside_and_one_outside_is_another_code(bench: Bench) -> None:
    """-52 instead of -50."""
    outside = bench.model("outside", binary_stl(box(20, 20, 20, (-50, 0, 0))))
    ran = bench.slice(outside, arrange="0")
    assert (ran.exit, ran.result["return_code"]) == (204, -52)


def test_two_parts_are_counted_together(bench: Bench) -> None:
    """All inputs go to one plate."""
    alone = bench.slice()
    both = bench.slice("models/cube.stl")
    assert both.grams == pytest.approx(2 * alone.grams, rel=0.05)
    assert both.result["sliced_plates"][0]["triangle_count"] == 24


@pytest.mark.parametrize(
    ("extra", "factor"),
    [
        pytest.param(["--scale", "0.5"], 1 / 8, id="smaller and floating"),
        pytest.param(["--scale", "0.5", "--ensure-on-bed"], 1 / 8, id="smaller, on the bed"),
        pytest.param(["--convert-unit"], 1.0, id="large parts stay millimetres"),
    ],
)
def test_transforms_happen_before_slicing(bench: Bench, extra: list[str], factor: float) -> None:
    """With infill 100 % grams follow the volume."""
    full = ["--sparse-infill-density", "100%"]
    before = bench.slice(*full, arrange="0").grams
    after = bench.slice(*full, *extra, arrange="0").grams
    assert after == pytest.approx(before * factor, rel=0.15)


def test_a_small_part_is_read_as_inches_only_when_asked(bench: Bench) -> None:
    """Without `--convert-unit` no unit is ever guessed."""
    model = bench.model("inches", binary_stl(box(0.8, 0.8, 0.8, (1, 1, 0))))
    asked = bench.slice("--convert-unit", model=model)
    assert asked.grams > 5 * bench.slice(model=model).grams


@pytest.mark.parametrize(
    ("facets", "share"),
    [
        pytest.param(CUBE[:-1], 0.24, id="a wall facet missing"),
        pytest.param(CUBE[:2] + CUBE[4:], 1.0, id="the top face missing"),
        pytest.param([(c, b, a) for a, b, c in CUBE], 1.0, id="inside out"),
        pytest.param([CUBE[0][::-1], *CUBE[1:]], 1.0, id="one facet flipped"),
    ],
)
def test_an_open_mesh_is_sliced_silently_and_wrongly(
    bench: Bench, facets: list[Triangle], share: float
) -> None:
    """Observed: 1.00 g instead of 4.21 g with one of twelve facets missing, exit 0, no warning."""
    whole = bench.slice()
    ran = bench.slice(model=bench.model("open", binary_stl(facets)))
    assert ran.exit == 0
    assert ran.grams == pytest.approx(whole.grams * share, rel=0.15)
    assert ran.seconds <= whole.seconds * 1.01
    assert ran.result["sliced_plates"][0]["warning_message"] == ""


def test_a_cavity_is_subtracted() -> None:
    """An inner shell wound inwards is a hole, not a second body."""
    cavity = [(c, b, a) for a, b, c in box(10, 10, 10, (5, 5, 5))]
    assert solid_of(box(20, 20, 20) + cavity).volume_mm3 == pytest.approx(7000)

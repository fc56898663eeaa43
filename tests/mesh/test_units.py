"""Sizes in words, and guesses at units."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.units import (
    Size,
    beyond,
    in_mm,
    length_text,
    places_text,
    size_text,
    stated_in,
    unit_hint,
)
from pricing_fdm.model import BuildVolume, Unit
from tests.mesh.shapes import PRINTER


@pytest.mark.parametrize(
    ("length_mm", "text"),
    [
        (20.0, "20"),
        (200.0, "200"),
        (129.97999572753906, "129.98"),
        (200.002, "200.002"),
        (0.029999999329447746, "0.03"),
        (0.0, "0"),
        (0.00003, "0.00003"),
        (1e6, "1000000"),
    ],
)
def test_lengths_read_as_a_person_writes_them(length_mm: float, text: str) -> None:
    """float32 noise is none of the caller's business."""
    assert length_text(length_mm) == text


def test_a_size_keeps_the_order_of_its_axes() -> None:
    """Sorted by size, nobody could tell which side is too long."""
    assert size_text((290.0, 130.0, 32.0)) == "290 x 130 x 32 mm"


@pytest.mark.parametrize(
    ("size", "over"),
    [
        pytest.param((200.0, 200.0, 200.0), {}, id="exactly"),
        pytest.param((200.0009, 200.0, 200.0), {}, id="rounding"),
        pytest.param((200.002, 200.0, 200.0), {"x": 0.002}, id="above-tolerance"),
        pytest.param((100.0, 290.0, 201.0), {"y": 90.0, "z": 1.0}, id="two-axes"),
    ],
)
def test_only_what_stands_over_is_named(size: Size, over: dict[str, float]) -> None:
    """The printer's box may be filled to the last micrometre."""
    assert beyond(size, PRINTER) == pytest.approx(over)


@pytest.mark.parametrize(
    ("size", "unit", "hint"),
    [
        pytest.param(
            (0.03, 0.03, 0.03),
            Unit.MM,
            "Read in metres it would measure 30 x 30 x 30 mm.",
            id="metres",
        ),
        pytest.param(
            (0.9, 0.5, 0.5),
            Unit.MM,
            "Read in inches it would measure 22.86 x 12.7 x 12.7 mm, in centimetres 9 x 5 x 5 mm.",
            id="inches-or-centimetres",
        ),
        pytest.param(
            (0.02, 0.02, 0.02),
            Unit.M,
            "Multiplied by 1000 it would measure 20 x 20 x 20 mm.",
            id="nothing-is-larger-than-metres",
        ),
        pytest.param(
            (0.762, 0.762, 0.508),
            Unit.INCH,
            "Read in metres it would measure 30 x 30 x 20 mm.",
            id="metres-ordered-as-inches",
        ),
        pytest.param(
            (2540.0, 508.0, 254.0),
            Unit.INCH,
            "Read in millimetres it would measure 100 x 20 x 10 mm.",
            id="millimetres-ordered-as-inches",
        ),
        pytest.param(
            (2540.0, 508.0, 508.0),
            Unit.MM,
            "Divided by 1000 it would measure 2.54 x 0.508 x 0.508 mm, by 25.4 100 x 20 x 20 mm.",
            id="scaled-up-twice",
        ),
        pytest.param(
            (30_000.0, 30_000.0, 100.0),
            Unit.MM,
            "Divided by 1000 it would measure 30 x 30 x 0.1 mm.",
            id="micrometres",
        ),
        pytest.param(
            (0.03, 0.03, 0.03),
            None,
            "Multiplied by 1000 it would measure 30 x 30 x 30 mm.",
            id="file-states-a-wrong-unit",
        ),
        pytest.param(
            (1500.0, 1000.0, 1000.0),
            None,
            "Divided by 1000 it would measure 1.5 x 1 x 1 mm, by 25.4 59.055 x 39.37 x 39.37 mm, "
            "by 10 150 x 100 x 100 mm.",
            id="file-states-a-wrong-unit-too-large",
        ),
    ],
)
def test_what_the_part_would_measure_is_told(size: Size, unit: Unit | None, hint: str) -> None:
    """Every unit that makes a part of it is named, since nobody can tell which was meant."""
    assert unit_hint(size, PRINTER, unit).startswith(hint)


@pytest.mark.parametrize(
    ("size", "unit"),
    [
        pytest.param((1.0, 0.5, 0.5), Unit.MM, id="just-a-millimetre"),
        pytest.param((3.03, 2.41, 7.2), Unit.MM, id="dowel"),
        pytest.param((1.0, 1.0, 1.0), Unit.MM, id="an-inch-cube-that-nobody-can-tell"),
        pytest.param((1000.0, 10.0, 10.0), Unit.MM, id="just-five-times-the-printer"),
        pytest.param((290.0, 130.0, 32.0), Unit.MM, id="merely-too-large"),
        pytest.param((0.9, 0.0001, 0.5), Unit.MM, id="foil-in-any-unit"),
        pytest.param((1e6, 1e6, 1e6), Unit.MM, id="a-kilometre"),
        pytest.param((0.0000001, 0.0000001, 0.0000001), None, id="dust"),
        pytest.param((3000.0, 100.0, 0.4), None, id="a-banner"),
    ],
)
def test_without_reason_or_remedy_no_unit_is_doubted(size: Size, unit: Unit | None) -> None:
    """A wrong guess is worse than none."""
    assert unit_hint(size, PRINTER, unit) == ""


def test_a_volume_that_slicers_ask_about_is_doubted() -> None:
    """A cube of two inches, drawn in inches, is 8 mm3; PrusaSlicer and its kin ask below 9."""
    size = (2.0, 2.0, 2.0)
    assert "in inches it would measure 50.8 x 50.8 x 50.8 mm" in unit_hint(
        size, PRINTER, Unit.MM, volume_mm3=8.0
    ).replace("Read in", "in")
    assert unit_hint(size, PRINTER, Unit.MM, volume_mm3=9.0) == ""
    assert unit_hint(size, PRINTER, None, volume_mm3=8.0).startswith("Multiplied by 25.4")


@pytest.mark.parametrize(
    ("remark", "unit"),
    [
        (b"# File units = inches\n", Unit.INCH),
        (b"# Units: millimeters\n", Unit.MM),
        (b"#  units are Meters\n", Unit.M),
        (b"# unit cm\n", Unit.CM),
        (b'# UNITS="in"\n', Unit.INCH),
        (b"# unit: furlong\n", None),
        (b"# made by a unit of ours in May\n", None),
        (b"# United inches\n", None),
        (b"v 1 2 3\n", None),
    ],
)
def test_remarks_name_a_unit(remark: bytes, unit: Unit | None) -> None:
    """As 3ds Max, SketchUp and others write it."""
    assert stated_in(remark) is unit


def test_a_remark_that_says_another_unit_is_told() -> None:
    """Also where the size is that of a part; the request decides all the same."""
    size = (20.0, 20.0, 20.0)
    hint = unit_hint(size, PRINTER, Unit.MM, stated=Unit.INCH)
    assert hint.startswith("A remark in the file says inches. Read in inches it would measure 508")
    assert hint.endswith("If that is right, name it in `units`.")
    assert unit_hint(size, PRINTER, Unit.INCH, stated=Unit.INCH) == ""
    assert unit_hint(size, PRINTER, Unit.MM, stated=None) == ""


def test_a_format_that_states_another_unit_than_fits_is_doubted() -> None:
    """A 20 mm cube that its program marked as inches or metres."""
    for unit in (Unit.INCH, Unit.M):
        side = 20 * unit.length_mm
        hint = unit_hint((side, side, side), PRINTER, None, stated=unit)
        assert "that the file states, it would measure 20 x 20 x 20 mm" in hint
        assert hint.endswith("If that is right, mend the unit in the export.")
    assert unit_hint((50.8, 50.8, 50.8), PRINTER, None, stated=Unit.INCH) == ""
    assert unit_hint((290.0, 10.0, 10.0), PRINTER, None, stated=Unit.MM) == ""


def test_a_guess_must_fit_this_printer() -> None:
    """The same tiny part makes sense on a large printer and none on a small one."""
    size = (0.9, 0.9, 0.9)
    assert "inches" in unit_hint(size, BuildVolume(23, 23, 23), Unit.MM)
    assert unit_hint(size, BuildVolume(8, 8, 8), Unit.MM) == ""


def test_a_guess_may_fit_standing_up() -> None:
    """How a part lies in the file says nothing about its unit."""
    assert "metres" in unit_hint((0.3, 0.1, 0.1), BuildVolume(150, 150, 300), Unit.MM)


def test_the_way_to_mend_depends_on_who_states_the_unit() -> None:
    """3MF and STEP state their own; `units` of the request would change nothing there."""
    tiny, huge = (0.03, 0.03, 0.03), (2540.0, 508.0, 508.0)
    assert unit_hint(tiny, PRINTER, Unit.MM).endswith("If that is right, name it in `units`.")
    assert unit_hint(huge, PRINTER, Unit.INCH).endswith("If that is right, name it in `units`.")
    for hint in (unit_hint(tiny, PRINTER, None), unit_hint(huge, PRINTER, Unit.MM)):
        assert hint.endswith("If that is right, mend the unit in the export.")
        assert "`units`" not in hint


def test_coordinates_become_millimetres_only_when_asked() -> None:
    """Nothing is scaled in silence; what overflows is infinite, for the check after it."""
    corners = np.full((1, 3, 3), 2.0, dtype=np.float32)
    assert in_mm(corners, Unit.MM) is corners
    assert in_mm(corners, Unit.INCH)[0, 0, 0] == np.float32(50.8)
    huge = np.full((1, 3, 3), 3e38, dtype=np.float32)
    assert np.isinf(in_mm(huge, Unit.M)).all()
    signalling_nan = np.full((1, 3, 3), 0x7FA00000, dtype=np.uint32).view(np.float32)
    assert np.isnan(in_mm(signalling_nan, Unit.INCH)).all()


@pytest.mark.parametrize(
    ("places", "text"),
    [
        ([[1.0, 2.5, -0.001]], "(1, 2.5, 0)"),
        ([[1.0, 2.0, 3.0], [4.125, 5.0, 6.0]], "(1, 2, 3), (4.12, 5, 6)"),
        ([[float(at), 0.0, 0.0] for at in range(7)],
         "(0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0), (4, 0, 0) and 2 more"),
    ],
)  # fmt: skip
def test_some_places_are_named(places: list[list[float]], text: str) -> None:
    """To a hundredth; a thousand places help nobody."""
    assert places_text(np.array(places)) == text

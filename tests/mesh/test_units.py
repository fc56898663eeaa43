"""Sizes in words, and guesses at units."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.units import (
    Size,
    beyond,
    in_mm,
    larger_unit_hint,
    length_text,
    size_text,
    smaller_unit_hint,
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
    ("size", "unit", "meant"),
    [
        pytest.param((0.03, 0.03, 0.03), "metres", "30 x 30 x 30 mm", id="metres"),
        pytest.param((0.9, 0.5, 0.5), "inches", "22.86 x 12.7 x 12.7 mm", id="inches"),
        pytest.param((15.0, 10.0, 10.0), "centimetres", "150 x 100 x 100 mm", id="centimetres"),
    ],
)
def test_the_unit_that_was_probably_meant_is_named(size: Size, unit: str, meant: str) -> None:
    """The largest unit that still fits the printer is the likeliest."""
    hint = larger_unit_hint(size, PRINTER)
    assert unit in hint
    assert meant in hint


def test_no_unit_is_named_when_none_makes_sense() -> None:
    """A wrong guess is worse than none."""
    assert larger_unit_hint((1.0, 1.0, 1.0), BuildVolume(5, 5, 5)) == ""
    assert smaller_unit_hint((1e6, 1e6, 1e6), PRINTER) == ""


@pytest.mark.parametrize(
    ("size", "divisor", "meant"),
    [
        pytest.param((2540.0, 508.0, 508.0), "25.4", "100 x 20 x 20 mm", id="inches-twice"),
        pytest.param((30_000.0, 30_000.0, 100.0), "1000", "30 x 30 x 0.1 mm", id="micrometres"),
    ],
)
def test_the_divisor_that_would_make_it_fit_is_named(size: Size, divisor: str, meant: str) -> None:
    """Nothing is scaled in silence; the caller must export again."""
    hint = smaller_unit_hint(size, PRINTER)
    assert f"Divided by {divisor} " in hint
    assert meant in hint


def test_coordinates_become_millimetres_only_when_asked() -> None:
    """Nothing is scaled in silence; what overflows is infinite, for the check after it."""
    corners = np.full((1, 3, 3), 2.0, dtype=np.float32)
    assert in_mm(corners, Unit.MM) is corners
    assert in_mm(corners, Unit.INCH)[0, 0, 0] == np.float32(50.8)
    huge = np.full((1, 3, 3), 3e38, dtype=np.float32)
    assert np.isinf(in_mm(huge, Unit.M)).all()
    signalling_nan = np.full((1, 3, 3), 0x7FA00000, dtype=np.uint32).view(np.float32)
    assert np.isnan(in_mm(signalling_nan, Unit.INCH)).all()

"""What is said of parts that are too large."""

from __future__ import annotations

import pytest

from pricing_fdm.errors import ModelExceedsBuildVolume
from pricing_fdm.mesh.fit import require_fit
from pricing_fdm.mesh.units import Size
from tests.mesh.shapes import PRINTER


def refusal(size: Size) -> str:
    with pytest.raises(ModelExceedsBuildVolume) as caught:
        require_fit(size, PRINTER)
    return caught.value.detail


@pytest.mark.parametrize("size", [(200.0, 200.0, 200.0), (0.1, 200.0009, 1.0)])
def test_a_part_as_large_as_the_printer_fits(size: Size) -> None:
    """OrcaSlicer takes a part of exactly the bed's size when it is centred."""
    require_fit(size, PRINTER)


def test_both_sizes_and_the_excess_are_named() -> None:
    """The caller must see at once which side to shorten or to turn."""
    assert refusal((290.0, 130.0, 200.5)) == (
        "The part measures 290 x 130 x 200.5 mm, the printer prints 200 x 200 x 200 mm "
        "(x, y, z): too large by 90 mm along x, 0.5 mm along z."
    )


def test_a_part_many_times_too_large_raises_the_question_of_units() -> None:
    """Nobody sends a part of three metres on purpose."""
    assert "Divided by 25.4 it would be 118.11 x 3.937 x 3.937 mm" in refusal(
        (3000.0, 100.0, 100.0)
    )


def test_a_part_that_no_unit_explains_gets_no_guess() -> None:
    """The sentence ends there."""
    assert refusal((900_000.0, 10.0, 10.0)).endswith("mm along x.")

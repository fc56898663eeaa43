"""The size of a bed in words."""

from __future__ import annotations

import pytest

from pricing_fdm.slicers.library.offer import bed_in_words


@pytest.mark.parametrize(
    ("corners", "words"),
    [
        (("0x0", "250x0", "250x210", "0x210"), "250 x 210 x 200"),
        (("-5x0", "5x0", "5x9", "0x12", "-5x9"), "10 x 12 x 200, 5 corners"),
        (tuple(f"{n}x{n * n}" for n in range(20)), "19 x 361 x 200, round"),
        (("",), "unknown"),
    ],
)
def test_a_bed_is_told_in_millimetres(corners: tuple[str, ...], words: str) -> None:
    """And whether it is a rectangle, since prices are made for those only."""
    assert bed_in_words(corners, "200") == words

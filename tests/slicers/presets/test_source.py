"""The profiles of a slice are asked as one."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.presets.file import Profile, ProfileKind, Value
from pricing_fdm.slicers.presets.source import Source


def profile(kind: ProfileKind, **values: Value) -> Profile:
    return Profile(kind, "name", Path(f"{kind}.json"), values)


SOURCE = Source(
    (
        profile(ProfileKind.MACHINE, nozzle_diameter=("0.4", "0.6"), empty=()),
        profile(ProfileKind.PROCESS, line_width="105%", empty="0.2"),
    )
)


def test_the_first_profile_that_states_a_key_answers() -> None:
    """An empty list states nothing; of a list the first element counts."""
    assert SOURCE.text("nozzle_diameter") == "0.4"
    assert SOURCE.texts("nozzle_diameter") == ("0.4", "0.6")
    assert SOURCE.text("empty") == "0.2"


def test_a_figure_is_read_as_a_number() -> None:
    """Of a percentage the caller names the part to read."""
    assert SOURCE.number("nozzle_diameter") == Decimal("0.4")
    assert SOURCE.number("line_width", "105") == 105
    with pytest.raises(ShopError, match="line_width: is 105%, which is not a number"):
        SOURCE.number("line_width")


def test_the_file_to_correct_is_named() -> None:
    """A key that nobody states may belong in any of them."""
    assert str(SOURCE.error("line_width", "is odd")) == "process.json: line_width: is odd"
    with pytest.raises(ShopError, match=r"machine.json, process.json: missing: is missing"):
        SOURCE.text("missing")

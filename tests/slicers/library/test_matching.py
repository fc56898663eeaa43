"""Which presets belong to a printer, by the rules that both slicers share."""

from __future__ import annotations

import pytest

from pricing_fdm.slicers.library.inheritance import FlatPreset
from pricing_fdm.slicers.library.matching import default_first, is_meant_for, named_by_vendor


@pytest.mark.parametrize(
    ("names", "condition", "expected"),
    [
        ((), "", True),
        (("A", "B"), "", True),
        (("B",), "", False),
        ((), "nozzle_diameter[0]==0.4", True),
        ((), "nozzle_diameter[0]==0.6", False),
        (("A",), "nozzle_diameter[0]==0.6", True),
    ],
)
def test_a_list_of_names_counts_before_a_condition(
    names: tuple[str, ...], condition: str, *, expected: bool
) -> None:
    """As both slicers have it."""
    assert is_meant_for("A", {"nozzle_diameter": "0.4"}, names, condition) is expected


def presets(*names: str) -> tuple[FlatPreset, ...]:
    return tuple(FlatPreset(name, "x", {}, ()) for name in names)


def names_of(found: tuple[FlatPreset, ...]) -> list[str]:
    return [each.name for each in found]


def test_the_default_comes_first_and_is_missed() -> None:
    """The others keep their order."""
    remarks: list[str] = []
    assert names_of(default_first(presets("a", "b", "c"), "c", remarks)) == ["c", "a", "b"]
    assert remarks == []
    assert names_of(default_first(presets("a"), "z", remarks)) == ["a"]
    assert "z, is not among those" in remarks[0]


def test_the_vendor_names_filaments_without_their_variant() -> None:
    """`PLA` stands for `PLA @0.25`; where it names none that is there, all are offered."""
    found = presets("X", "PLA @0.25", "ABS")
    assert names_of(named_by_vendor(found, ["PLA"], "X")) == ["X", "PLA @0.25"]
    assert names_of(named_by_vendor(found, ["PETG", ""], "")) == ["X", "PLA @0.25", "ABS"]
    assert names_of(named_by_vendor(found, [], "X")) == ["X", "PLA @0.25", "ABS"]

"""Which presets belong to a printer, by the rules that both slicers share."""

from __future__ import annotations

import pytest

from pricing_fdm.slicers.library.inheritance import FlatPreset
from pricing_fdm.slicers.library.matching import (
    default_first,
    is_meant_for,
    material_of,
    named_by_vendor,
    slug,
)


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


def test_a_usual_material_that_the_vendor_does_not_name_is_there_once() -> None:
    """A vendor names a handful, and has presets of all that the printer can print."""
    named = FlatPreset("Own PLA", "x", {"filament_type": "PLA"}, ())
    others = [("Own FLEX", "FLEX"), ("Generic FLEX @X", "FLEX"), ("Generic PVA", "PVA")]
    more = [FlatPreset(name, "x", {"filament_type": (kind,)}, ()) for name, kind in others]
    unwanted = FlatPreset("Generic PLA", "x", {"filament_type": "PLA"}, ())
    found = named_by_vendor((named, *more, unwanted), ["Own PLA"], "")
    assert names_of(found) == ["Own PLA", "Generic FLEX @X"]


def test_materials_have_the_names_of_a_shop() -> None:
    """A filled plastic is one of its own."""
    assert material_of("Prusament PA11 Carbon Fiber", "PA") == "nylon-cf"
    assert material_of("X", "PA-CF") == "nylon-cf"
    assert material_of("NinjaTek", "FLEX") == "tpu"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Original Prusa i3 MK3S & MK3S+", "original-prusa-i3-mk3s-mk3s"),
        ("../../etc/passwd", "etc-passwd"),
        ("名前", "preset"),
        ("x" * 100, "x" * 48),
    ],
)
def test_no_name_leads_out_of_the_folder(name: str, short: str) -> None:
    """Names of presets come from files of others."""
    assert slug(name) == short

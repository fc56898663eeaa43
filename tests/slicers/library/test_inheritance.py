"""Presets of a library are flattened by us, and a library that is broken is a named fault."""

from __future__ import annotations

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.library.inheritance import Inheritance, RawPreset, means_unset
from pricing_fdm.slicers.presets.file import Value


def library(**parents: tuple[str, ...]) -> dict[str, RawPreset]:
    """Presets that each state their own name, and one value that all of them state."""
    return {
        name: RawPreset(name, "vendor.ini", above, {name: "1", "last": name})
        for name, above in parents.items()
    }


def test_own_values_outweigh_those_of_parents_and_a_later_parent_an_earlier_one() -> None:
    """As both slicers have it."""
    presets = library(child=("a", "b"), a=("root",), b=(), root=())
    flat = Inheritance(presets.get).flattened(presets["child"])
    assert flat.chain == ("a", "root", "b")
    assert flat.values == {"root": "1", "a": "1", "b": "1", "child": "1", "last": "child"}
    without_own = RawPreset("x", "vendor.ini", ("a", "b"), {})
    assert Inheritance(presets.get).flattened(without_own).values["last"] == "b"


def fault_of(presets: dict[str, RawPreset], name: str) -> str:
    with pytest.raises(ShopError) as error:
        Inheritance(presets.get).flattened(presets[name])
    return str(error.value.faults[0])


def test_a_cycle_is_named_with_its_way() -> None:
    """It would never end."""
    presets = library(a=("b",), b=("c",), c=("b",))
    assert "inherits from itself: b > c > b" in fault_of(presets, "a")


def test_a_missing_parent_is_named() -> None:
    """Nothing is fetched."""
    assert "a: inherits from gone, which is not in" in fault_of(library(a=("gone",)), "a")


def test_a_cycle_of_a_thousand_ends_early() -> None:
    """A hostile library costs no stack and no time."""
    ring = library(**{f"p{n}": (f"p{(n + 1) % 1000}",) for n in range(1000)})
    assert "is more than 50 parents above p0" in fault_of(ring, "p0")


def test_parents_that_share_parents_are_flattened_once_each() -> None:
    """Forty levels of two would be a million million presets."""
    levels = {f"{side}{n}": (f"a{n + 1}", f"b{n + 1}") for n in range(40) for side in "ab"}
    presets = library(**levels, a40=(), b40=())
    assert len(Inheritance(presets.get).flattened(presets["a0"]).chain) == 80


@pytest.mark.parametrize(
    ("key", "value", "inherited", "unset"),
    [
        ("wall_loops", "nil", "3", True),
        ("filament_retraction_length", ("nil",), ("0.5",), False),
        ("wall_loops", "", "3", True),
        ("nozzle_temperature", (), ("210",), True),
        ("start_gcode", "", "G28", False),
        ("travel_speed", "-1", "150", True),
        ("internal_bridge_fan_speed", ("-1",), ("30",), False),
        ("ironing_angle", "-1", "45", False),
        ("z_offset", "-1", "0.2", False),
        ("travel_speed", "-1", None, False),
    ],
)
def test_what_can_only_mean_not_set_is_the_parents(
    key: str, value: Value, inherited: Value | None, *, unset: bool
) -> None:
    """An empty G-code, an automatic angle and a negative offset are values."""
    assert means_unset(key, value, inherited) is unset

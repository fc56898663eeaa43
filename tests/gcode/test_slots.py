"""Which filament a figure belongs to."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.gcode.filament import Slot
from pricing_fdm.gcode.slots import slots_of

THREE = {"filament_diameter": "1.75,1.75,2.85", "filament_density": "1.24,1.04,1.27"}
PLA = Slot(Decimal("1.75"), Decimal("1.24"))
ABS = Slot(Decimal("1.75"), Decimal("1.04"))
PETG = Slot(Decimal("2.85"), Decimal("1.27"))


ONE_EACH = {"filament_diameter": "1.75", "filament_density": "1.24"}
NUL, ANY = Decimal(0), Decimal(7)


@pytest.mark.parametrize(
    ("count", "used", "slots"),
    [
        pytest.param(3, [], (PLA, ABS, PETG), id="one-figure-a-slot"),
        pytest.param(3, ["1"], (PLA, ABS, PETG), id="one-figure-a-slot-though-one-is-used"),
        pytest.param(1, [], (PLA,), id="idle-slots-at-the-end-left-out"),
        pytest.param(2, [], (PLA, ABS), id="two-and-an-idle-one"),
        pytest.param(1, ["2"], (ABS,), id="the-slot-that-is-named"),
        pytest.param(2, ["1,3"], (PLA, PETG), id="the-slots-that-are-named"),
        pytest.param(2, ["PLA", "1,3"], (PLA, PETG), id="named-after-a-line-of-somebody-s-own"),
    ],
)
def test_a_figure_finds_its_filament(count: int, used: list[str], slots: tuple[Slot, ...]) -> None:
    """Layouts seen: OrcaSlicer, PrusaSlicer 2.5.0 and Bambu Studio differ."""
    assert slots_of([ANY] * count, THREE, used) == slots


@pytest.mark.parametrize(
    "used",
    [
        pytest.param(["0,1"], id="slots-count-from-one"),
        pytest.param(["1"], id="fewer-names-than-figures"),
        pytest.param(["PLA"], id="no-number"),
    ],
)
def test_a_list_of_names_that_names_nothing_is_passed_over(used: list[str]) -> None:
    """Any start G-code may hold a line like it.

    The figures are then taken for those of the first slots; the printed grams tell if they are not.
    """
    assert slots_of([ANY, ANY], THREE, used) == (PLA, ABS)


@pytest.mark.parametrize(
    ("config", "second"),
    [
        pytest.param({}, PLA, id="no-list-reaches-the-second"),
        pytest.param({"filament_density": "1.24,1.04"}, ABS, id="one-diameter"),
        pytest.param({"filament_diameter": "1.75,1.75"}, PLA, id="one-density"),
    ],
)
def test_a_list_that_is_too_short_goes_on_with_its_first_value(
    config: dict[str, str], second: Slot
) -> None:
    """So both slicers read it: a printer of two extruders, each profile with one filament."""
    assert slots_of([ANY, ANY], {**ONE_EACH, **config}, []) == (PLA, second)


@pytest.mark.parametrize(
    ("key", "name"), [("filament_diameter", "diameter"), ("filament_density", "density")]
)
@pytest.mark.parametrize("value", [None, "", "0", "1.24,0,1.27", "nan", "-1", "1.24 g"])
def test_no_diameter_or_density_is_an_error(key: str, name: str, value: str | None) -> None:
    """Both slicers take density 0 where a profile gives none, and carry on."""
    config = {k: v for k, v in {**THREE, key: value}.items() if v is not None}
    with pytest.raises(ResultIncomplete, match=f"does not state the filament's {name}"):
        slots_of([ANY] * 3, config, [])


@pytest.mark.parametrize("density", ["1.24,0,1.27", "1.24,0", "1.24"])
def test_an_idle_filament_needs_no_density(density: str) -> None:
    """Nothing of it is printed, so no price depends on what it would weigh."""
    found = slots_of([ANY, NUL], {**THREE, "filament_density": density}, [])
    assert found[0] == PLA

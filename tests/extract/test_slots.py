"""Which filament a figure belongs to."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.extract.filament import Slot
from pricing_fdm.extract.slots import slots_of

THREE = {"filament_diameter": "1.75,1.75,2.85", "filament_density": "1.24,1.04,1.27"}
PLA = Slot(Decimal("1.75"), Decimal("1.24"))
ABS = Slot(Decimal("1.75"), Decimal("1.04"))
PETG = Slot(Decimal("2.85"), Decimal("1.27"))


@pytest.mark.parametrize(
    ("count", "used", "slots"),
    [
        pytest.param(3, "", (PLA, ABS, PETG), id="one-figure-a-slot"),
        pytest.param(3, "1", (PLA, ABS, PETG), id="one-figure-a-slot-though-one-is-used"),
        pytest.param(1, "", (PLA,), id="idle-slots-at-the-end-left-out"),
        pytest.param(2, "", (PLA, ABS), id="two-and-an-idle-one"),
        pytest.param(1, "2", (ABS,), id="the-slot-that-is-named"),
        pytest.param(2, "1,3", (PLA, PETG), id="the-slots-that-are-named"),
    ],
)
def test_a_figure_finds_its_filament(count: int, used: str, slots: tuple[Slot, ...]) -> None:
    """Layouts seen: OrcaSlicer, PrusaSlicer 2.5.0 and Bambu Studio differ."""
    assert slots_of(count, THREE, used) == slots


@pytest.mark.parametrize(
    ("count", "used", "config"),
    [
        pytest.param(4, "", THREE, id="more-figures-than-slots"),
        pytest.param(1, "4", THREE, id="a-slot-that-is-not-there"),
        pytest.param(1, "0", THREE, id="slots-count-from-one"),
        pytest.param(1, "1,2", THREE, id="more-names-than-figures"),
        pytest.param(1, "PLA", THREE, id="no-number"),
        pytest.param(1, "", {**THREE, "filament_diameter": "1.75"}, id="lists-of-unequal-length"),
    ],
)
def test_a_figure_without_a_filament_is_an_error(
    count: int, used: str, config: dict[str, str]
) -> None:
    """A density taken from the wrong slot makes a wrong weight."""
    with pytest.raises(ResultIncomplete, match="which filament"):
        slots_of(count, config, used)


@pytest.mark.parametrize(
    ("key", "name"), [("filament_diameter", "diameter"), ("filament_density", "density")]
)
@pytest.mark.parametrize("value", [None, "", "0", "1.24,0,1.27", "nan", "-1", "1.24 g"])
def test_no_diameter_or_density_is_an_error(key: str, name: str, value: str | None) -> None:
    """Both slicers take density 0 where a profile gives none, and carry on."""
    config = {k: v for k, v in {**THREE, key: value}.items() if v is not None}
    with pytest.raises(ResultIncomplete, match=f"does not state the filament's {name}"):
        slots_of(3, config, "")

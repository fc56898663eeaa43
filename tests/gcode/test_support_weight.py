"""From the length of support to its weight and the caller's warning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.gcode.filament import Slot, from_length
from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.gcode.support_weight import needs_support, support_weight_g
from pricing_fdm.model import Metrics

PrusaSlice = Callable[..., Path]

TABLE = ((8, 8, 0, 12, 12, 10), (0, 0, 8, 20, 20, 10))
PLA = Slot(Decimal("1.75"), Decimal("1.24"))
ON: Mapping[str, str] = {"support_material": "1"}
SUPPORTED = "M83\n;TYPE:Perimeter\nG1 X1 E60\n;TYPE:Support\nG1 X2 E40\n"


def weighed(
    folder: Path,
    config: Mapping[str, str] = ON,
    slots: tuple[Slot, ...] = (PLA,),
    gcode: str = SUPPORTED,
) -> Decimal | None:
    path = folder / "out.gcode"
    path.write_text(gcode, "utf-8")
    lengths_mm = tuple(Decimal(100) for _ in slots)
    weights_g = tuple(round(100 * slot.g_per_mm, 2) for slot in slots)
    with path.open("rb") as file:
        return support_weight_g(file, None, config, from_length(lengths_mm, slots, [weights_g], ()))


def test_weight_is_length_times_section_times_density(tmp_path: Path) -> None:
    """By hand: 40 mm x 2.405282 mm2 x 1.24 mg/mm3 = 119.302 mg."""
    support_g = weighed(tmp_path)
    assert support_g is not None
    assert round(support_g, 6) == Decimal("0.119302")


def test_equal_filaments_weigh_the_same_in_every_slot(tmp_path: Path) -> None:
    """It does not matter which of them the support is made of."""
    assert weighed(tmp_path, slots=(PLA, PLA)) == weighed(tmp_path)


def test_unequal_filaments_leave_the_weight_unknown(tmp_path: Path) -> None:
    """The moves do not say which one they print."""
    assert weighed(tmp_path, slots=(PLA, Slot(Decimal("1.75"), Decimal("1.04")))) is None


def test_an_idle_filament_of_another_weight_changes_nothing(tmp_path: Path) -> None:
    """The support is made of the one that is in use."""
    path = tmp_path / "out.gcode"
    path.write_text(SUPPORTED, "utf-8")
    slots = (PLA, Slot(Decimal("1.75"), Decimal("1.04")))
    filament = from_length((Decimal(100), Decimal(0)), slots, [], ())
    with path.open("rb") as file:
        assert support_weight_g(file, None, ON, filament) == weighed(tmp_path)


def test_unmarked_moves_leave_the_weight_unknown(tmp_path: Path) -> None:
    """Nothing found is not nothing there."""
    assert weighed(tmp_path, gcode="M83\nG1 X1 E100\n") is None


@pytest.mark.parametrize(
    "config",
    [
        {"support_material": "0"},
        {"enable_support": "0"},
        {"support_material": "0", "raft_layers": "0", "support_material_enforce_layers": "0"},
        {"enable_support": "0", "raft_layers": "0", "enforce_support_layers": "0"},
    ],
)
def test_settings_that_rule_support_out_spare_the_reading(
    tmp_path: Path, config: dict[str, str]
) -> None:
    """Large files are read only where there may be something; this one cannot be."""
    filament = from_length((Decimal(100),), (PLA,), [(Decimal("0.30"),)], ())
    with (tmp_path / "out.gcode").open("wb") as unreadable:
        assert support_weight_g(unreadable, None, config, filament) == 0


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"enable_support": "1"},
        {"enable_support": "0", "raft_layers": "3"},
        {"enable_support": "0", "enforce_support_layers": "5"},
        {"support_material": "0", "support_material_enforce_layers": "5"},
        {"support_material": "0", "enable_support": "1"},
    ],
)
def test_settings_that_do_not_rule_it_out_have_the_moves_read(
    tmp_path: Path, config: dict[str, str]
) -> None:
    """A raft and enforced layers are printed as support with the switch off."""
    assert weighed(tmp_path, config) == weighed(tmp_path)


def test_more_support_than_filament_is_a_contradiction(tmp_path: Path) -> None:
    """One of the two figures is not what we think it is."""
    with pytest.raises(ResultIncomplete, match="contradict"):
        weighed(tmp_path, gcode="M83\n;TYPE:Support\nG1 X1 E100.1\n")


@pytest.mark.parametrize(
    ("support_g", "filament_g", "words"),
    [
        ("7.774", "16.43", "about 7.8 g (47 % of the material)"),
        ("123.4", "400", "about 123 g (31 % of the material)"),
        ("9.96", "99.6", "about 10 g (10 % of the material)"),
        ("0.1", "40", "about 0.1 g (0.25 % of the material)"),
        ("0.0544", "0.9", "about 0.054 g (6.0 % of the material)"),
        ("0.01", "1", "about 0.01 g (1.0 % of the material)"),
    ],
)
def test_the_caller_is_told_how_much(support_g: str, filament_g: str, words: str) -> None:
    """Two digits are what a person reads, and what another orientation may change."""
    (warning,) = needs_support(Decimal(support_g), Decimal(filament_g))
    assert warning.code == "needs_support"
    assert words in warning.message


@pytest.mark.parametrize(
    ("support_g", "filament_g"),
    [(None, "10"), ("0", "10"), ("0.0999", "43"), ("0.0099", "1")],
)
def test_no_support_or_hardly_any_is_not_worth_a_word(
    support_g: str | None, filament_g: str
) -> None:
    """A warning that always comes is read by no one."""
    weighed_g = None if support_g is None else Decimal(support_g)
    assert needs_support(weighed_g, Decimal(filament_g)) == ()


@pytest.fixture(scope="module")
def table(prusa_slice: PrusaSlice) -> dict[str, Metrics]:
    """A table without support, with it, and with more of it."""
    more = {"support_material": "1", "support_material_spacing": "1"}
    return {
        "never": extract_metrics(prusa_slice(*TABLE), None, {}),
        "auto": extract_metrics(prusa_slice(*TABLE, support_material="1"), None, {}),
        "dense": extract_metrics(prusa_slice(*TABLE, **more), None, {}),
    }


@pytest.mark.parametrize("name", ["auto", "dense"])
def test_support_is_what_the_part_weighs_more_with_it(table: dict[str, Metrics], name: str) -> None:
    """Two real slices, with and without. The part itself changes a little: bridges become walls."""
    never, supported = table["never"], table[name]
    assert never.support_g == 0
    assert supported.support_g is not None
    added_g = supported.filament_g - never.filament_g
    assert added_g > Decimal("0.1")
    assert abs(supported.support_g - added_g) < Decimal("0.1") * added_g


def test_support_is_the_same_where_e_counts_volume(prusa_slice: PrusaSlice) -> None:
    """A PrusaSlicer that is set to write mm3 lays the same part; 1 mm of filament is 2.4 mm3."""
    plain, volumetric = (
        extract_metrics(prusa_slice(*TABLE, support_material="1", use_volumetric_e=on), None, {})
        for on in ("0", "1")
    )
    assert plain.support_g
    assert volumetric.support_g
    assert volumetric.filament_g == plain.filament_g
    assert abs(volumetric.support_g - plain.support_g) < Decimal("0.001")


def test_the_warning_comes_with_the_support(table: dict[str, Metrics]) -> None:
    """And not without it."""
    codes = {name: [each.code for each in found.warnings] for name, found in table.items()}
    assert codes == {"never": [], "auto": ["needs_support"], "dense": ["needs_support"]}

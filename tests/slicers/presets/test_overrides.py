"""What the caller chose must move the figures, the right way, in the real slicer."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from pricing_fdm.model import LayerThickness, Material, PrintSettings, Supports
from pricing_fdm.slicers.presets.overrides import orca_overrides, prusa_overrides
from pricing_fdm.slicers.presets.preset_set import load_profiles
from pricing_fdm.slicers.prusa.config import prusa_config
from tests.harness.models import known, paths
from tests.slicers.profile_folder import BUNDLED
from tests.slicers.real_prusa import Sliced, slice_with_prusa, write_boxes

OVERHANGS = {"overhang-wave.stl", "overhang-test-double.stl"}

# A table on two legs: the top is a bridge between them, and sticks out over one of them.
TABLE = [
    (80.0, 90.0, 0.0, 84.0, 110.0, 12.0),
    (110.0, 90.0, 0.0, 114.0, 110.0, 12.0),
    (80.0, 90.0, 12.0, 124.0, 110.0, 15.0),
]
ORDERED = (Supports.NEVER, Supports.AUTO, Supports.ALWAYS)
BLOCK = [(90.0, 90.0, 0.0, 110.0, 110.0, 10.0)]


def settings(infill: int = 20, supports: Supports = Supports.AUTO) -> PrintSettings:
    return PrintSettings(Material.PLA, infill, LayerThickness.STANDARD, supports)


def sliced(chosen: PrintSettings, stl: Path, folder: Path, **extra: str) -> Sliced:
    config = prusa_config(*load_profiles(BUNDLED).chosen(chosen))
    return slice_with_prusa({**config, **prusa_overrides(chosen), **extra}, stl, folder)


@pytest.mark.parametrize(
    ("chosen", "orca", "prusa"),
    [
        (
            settings(),
            {"sparse_infill_density": "20%", "enable_support": "1"},
            {"fill_density": "20%", "support_material": "1"},
        ),
        (
            settings(10, Supports.NEVER),
            {"sparse_infill_density": "10%", "enable_support": "0"},
            {"fill_density": "10%", "support_material": "0"},
        ),
        (
            settings(100, Supports.NEVER),
            {
                "sparse_infill_density": "100%",
                "sparse_infill_pattern": "rectilinear",
                "enable_support": "0",
            },
            {"fill_density": "100%", "fill_pattern": "rectilinear", "support_material": "0"},
        ),
        (
            settings(99, Supports.ALWAYS),
            {
                "sparse_infill_density": "99%",
                "enable_support": "1",
                "support_threshold_angle": "89",
                "bridge_no_support": "0",
            },
            {
                "fill_density": "99%",
                "support_material": "1",
                "support_material_threshold": "89",
                "dont_support_bridges": "0",
            },
        ),
    ],
    ids=["auto", "never", "solid", "always"],
)
def test_both_slicers_are_told_the_same(
    chosen: PrintSettings, orca: dict[str, str], prusa: dict[str, str]
) -> None:
    """`auto` leaves threshold and bridges to the process profile."""
    assert orca_overrides(chosen) == orca
    assert prusa_overrides(chosen) == prusa


def test_every_override_changes_a_key_of_the_profiles() -> None:
    """A misspelt key would be dropped by both slicers without a word."""
    for supports in Supports:
        chosen = settings(100, supports)
        machine, process, filament = load_profiles(BUNDLED).chosen(chosen)
        assert orca_overrides(chosen).keys() <= process.values.keys()
        assert prusa_overrides(chosen).keys() <= prusa_config(machine, process, filament).keys()


def test_more_infill_weighs_more(tmp_path: Path) -> None:
    """Up to and including solid, where PrusaSlicer stops at a grid."""
    stl = write_boxes(tmp_path / "block.stl", BLOCK)
    grams = [sliced(settings(infill), stl, tmp_path).grams for infill in (10, 20, 50, 99, 100)]
    assert all(less < more for less, more in pairwise(grams))


def test_solid_infill_with_a_grid_is_what_prusaslicer_refuses(tmp_path: Path) -> None:
    """The reason for the pattern at 100 %; should it vanish, so can the override."""
    stl = write_boxes(tmp_path / "block.stl", BLOCK)
    with pytest.raises(AssertionError, match="100% density"):
        sliced(settings(100), stl, tmp_path, fill_pattern="grid")


def test_always_supports_what_auto_leaves_to_a_bridge(tmp_path: Path) -> None:
    """`auto` supports the part that sticks out; `always` the bridge too."""
    stl = write_boxes(tmp_path / "table.stl", TABLE)
    never, auto, always = (
        sliced(settings(supports=choice), stl, tmp_path).grams for choice in ORDERED
    )
    assert never < auto < always


@pytest.mark.slow
@pytest.mark.parametrize(
    "model", paths([model for model in known(".stl") if model[0].name in OVERHANGS])
)
def test_support_of_an_overhang_test_grows_with_the_choice(model: Path, tmp_path: Path) -> None:
    """Slopes from steep to flat: what supports are made for."""
    bed = {"bed_shape": "-100x-100,100x-100,100x100,-100x100"}
    never, auto, always = (
        sliced(settings(supports=choice), model, tmp_path, **bed).grams for choice in ORDERED
    )
    assert never < auto <= always

"""What the caller chose must move the figures, the right way, in the real slicer."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from pricing_fdm.model import PrintSettings, Supports
from pricing_fdm.slicers.orca.overrides import orca_overrides
from pricing_fdm.slicers.prusa.config import prusa_config
from pricing_fdm.slicers.prusa.dictionary import dictionary, prusa_key
from pricing_fdm.slicers.prusa.overrides import prusa_overrides
from tests.harness import qualities
from tests.harness.models import known, paths
from tests.slicers.profile_folder import chosen_for
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
    return PrintSettings("pla", infill, qualities.STANDARD, supports)


def profile_config(chosen: PrintSettings) -> dict[str, str]:
    return prusa_config(chosen_for(chosen))


def sliced(chosen: PrintSettings, stl: Path, folder: Path, **extra: str) -> Sliced:
    return slice_with_prusa(
        {**profile_config(chosen), **prusa_overrides(chosen), **extra}, stl, folder
    )


@pytest.mark.parametrize("supports", Supports)
@pytest.mark.parametrize("infill", [10, 20, 99, 100])
def test_both_slicers_get_the_same_settings(infill: int, supports: Supports) -> None:
    """OrcaSlicer's overrides, in PrusaSlicer's keys."""
    chosen = settings(infill, supports)
    rows = dictionary()["keys"]
    translated = {prusa_key(rows[key]): value for key, value in orca_overrides(chosen).items()}
    assert prusa_overrides(chosen) == translated
    assert prusa_overrides(chosen).keys() <= profile_config(chosen).keys()


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

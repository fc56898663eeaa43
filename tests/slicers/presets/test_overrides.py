"""A shop can only let change what its presets have."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pricing_fdm.shop.faults import ShopError
from tests.slicers.profile_folder import ProfileFolder, presets_in

TWO_PRINTERS = Path(__file__).parents[2] / "fixtures" / "two_printers"


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("wall_lops", "is no setting of process_fine.json; did you mean wall_loops?"),
        ("nozzle_temperature", "is no setting of process_fine.json"),
        ("post_process", "is no setting of process_fine.json"),
        ("layer_height", "is what a request states as `quality`."),
        ("sparse_infill_density", "is what a request states as `infill`."),
        ("enable_support", "is what a request states as `supports`."),
    ],
)
def test_a_setting_that_no_process_has_is_a_fault(
    folder: ProfileFolder, key: str, fault: str
) -> None:
    """With the line in the shop file, and the nearest name."""
    folder.add_to_shop(f"\n[overrides]\n{key} = {{ min = 1, max = 2 }}\n")
    with pytest.raises(ShopError) as caught:
        folder.presets()
    named = caught.value.faults[0]
    assert (named.file, named.key) == ("shop.toml", f"overrides.{key}")
    assert fault in named.message
    lines = (folder.path / "shop.toml").read_text().splitlines()
    assert named.line == lines.index(f"{key} = {{ min = 1, max = 2 }}") + 1


def test_settings_of_the_process_may_be_changed(folder: ProfileFolder) -> None:
    """On every printer, whoever's presets it has."""
    folder.add_to_shop("\n[overrides]\nwall_loops = { min = 2, max = 6 }\n")
    assert folder.presets().printers


def test_presets_of_prusaslicer_have_them_under_their_own_names(tmp_path: Path) -> None:
    """The shop file names them as OrcaSlicer does."""
    shop = tmp_path / "shop"
    shutil.copytree(TWO_PRINTERS, shop)
    text = (shop / "shop.toml").read_text()
    (shop / "shop.toml").write_text(f"{text}\n[overrides]\nbrim_width = {{ min = 0, max = 5 }}\n")
    presets_in(shop)
    (shop / "shop.toml").write_text(f"{text}\n[overrides]\nwall_loop = {{ min = 1, max = 2 }}\n")
    with pytest.raises(ShopError, match=r"did you mean wall_loops\?"):
        presets_in(shop)

"""Which presets of a snapshot a shop can offer."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.library.judging import Usable, usable
from pricing_fdm.slicers.library.snapshot import snapshot
from tests.slicers.library.bundles import BUNDLE, tiny_library


def judged(folder: Path, name: str = "Tiny one", text: str = BUNDLE) -> Usable:
    library = tiny_library(folder, text)
    printer = next(each for each in library.printers([]) if each.name == name)
    files = snapshot(library.offer(printer), "t1")
    for file in files:
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / file.path).write_bytes(file.content)
    return usable(files, folder)


def test_each_layer_thickness_and_each_material_has_one_preset(tmp_path: Path) -> None:
    """The vendor's default where there are several; the others stay as files."""
    found = judged(tmp_path)
    assert {um: each.name for um, each in found.processes.items()} == {200: "0.20mm", 100: "0.10mm"}
    assert {key: each.name for key, each in found.filaments.items()} == {
        "pla": "Tiny PLA",
        "petg": "Tiny PETG @0.4",
        "abs": "Tiny ABS",
    }
    assert found.unused == ("0.20mm SPEED",)


def test_a_filled_plastic_is_a_material_of_its_own(tmp_path: Path) -> None:
    """It costs a multiple of the plain one."""
    text = BUNDLE.replace("Tiny PETG", "Tiny PA Carbon Fiber").replace("= PETG", "= PA")
    assert set(judged(tmp_path, text=text).filaments) == {"pla", "abs", "nylon-cf"}


def test_a_preset_without_a_density_is_named_and_left_out(tmp_path: Path) -> None:
    """The slicer would weigh 0 g."""
    found = judged(tmp_path, text=BUNDLE.replace("filament_density = 1.27", "filament_density = 0"))
    assert set(found.filaments) == {"pla", "abs"}
    assert any("Tiny PETG @0.4: filament_density" in remark for remark in found.remarks)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Tiny hexagon", "is no upright rectangle of four corners, and no circle"),
        ("Tiny one MMU", "describes 2 extruders; prices are made for one"),
    ],
)
def test_a_machine_that_no_price_can_be_made_for_is_refused(
    tmp_path: Path, name: str, reason: str
) -> None:
    """With a sentence that says why."""
    with pytest.raises(ShopError) as error:
        judged(tmp_path, name)
    assert any(reason in fault.message for fault in error.value.faults)

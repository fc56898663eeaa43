"""A printer is added to a draft, and tried with what was added."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop_changes.addition import add_printer
from pricing_fdm.shop_changes.draft import Draft
from tests.shop.shops import BUNDLED
from tests.slicers.library.bundles import BUNDLE, tiny_library


def test_a_printer_is_tried_with_its_own_presets(tmp_path: Path) -> None:
    """Those that stand in an entry; the others only lie beside them."""
    shutil.copytree(BUNDLED, tmp_path / "shop")
    library = tiny_library(tmp_path)
    offer = library.offer(next(library.printers([])))
    addition = add_printer(Draft(tmp_path / "shop", tmp_path / "copy"), offer, "t1")
    printer = addition.to_try()
    assert printer.id == "t1"
    assert {each.name for each in printer.processes.values()} == {"0.10mm", "0.20mm"}
    assert addition.is_new


def test_a_printer_without_a_material_that_has_a_price_is_refused(tmp_path: Path) -> None:
    """A shop of metals sells no plastic by itself."""
    shutil.copytree(BUNDLED, tmp_path / "shop")
    text = BUNDLE.replace("filament_cost = 25\n", "")
    for kind in ("PLA", "PETG", "ABS"):
        text = text.replace(f"filament_type = {kind}", "filament_type = PVA")
    library = tiny_library(tmp_path, text)
    offer = library.offer(next(library.printers([])))
    with pytest.raises(ShopError, match="has none of this printer's materials"):
        add_printer(Draft(tmp_path / "shop", tmp_path / "copy"), offer, "t1")

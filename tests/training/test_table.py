"""Labels from a table of quotes that another installation made."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pricing_fdm.model import Supports
from pricing_fdm.settings.shop import bundled_shop_folder
from pricing_fdm.shop.load import load_shop
from pricing_fdm.slicers.presets.loaded_shop import load_presets
from pricing_fdm.training.parts import generated_in
from pricing_fdm.training.table import Table

_ON_ITS_SIDE = "1 0 0 0 0 -1 0 1 0"


def _row(file: str, **others: str) -> dict[str, str]:
    usual = {
        "file": file,
        "layer_thickness_um": "200",
        "infill_percent": "20",
        "material": "pla",
        "supports": "auto",
        "orientation": "auto",
        "status": "200",
        "print_time_s": "810",
        "filament_g": "4.3",
        "support_g": "0.0",
        "rotation": "1 0 0 0 1 0 0 0 1",
    }
    return {**usual, **others}


def test_each_quote_is_a_label_of_the_part_in_the_pose_that_was_printed(tmp_path: Path) -> None:
    """Refusals, files that are not there and rows that are known already are none."""
    parts = generated_in(tmp_path, 4)
    name = parts[3].path.name  # a bracket
    rows = [
        _row(name),
        _row(name, rotation=_ON_ITS_SIDE, supports="always", support_g="1.5"),
        _row(name, infill_percent="30", status="422", print_time_s="", filament_g=""),
        _row("not-there.stl"),
    ]
    path = tmp_path / "quotes.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    loaded = load_presets(load_shop(bundled_shop_folder()))
    known: set[str] = set()
    flat, side = Table(path, "orca", "2.3.1").labels(parts, loaded, known)
    assert (flat.engine, flat.row.print_time_s, flat.row.filament_g) == ("orca", 810, 4.3)
    assert side.supports is Supports.ALWAYS
    assert side.row.support_g == 1.5
    assert side.row.part.height_mm == pytest.approx(flat.row.part.depth_mm, abs=0.01)
    assert side.row.mesh_sha256 == flat.row.mesh_sha256
    assert list(Table(path, "orca", "2.3.1").labels(parts, loaded, known)) == []

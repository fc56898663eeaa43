"""A fitted model that knows every part: physics alone, with intervals of one tenth."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pricing_fdm.estimate.inputs import FEATURES, GROUPS
from pricing_fdm.estimate.model_file import EstimateModel
from pricing_fdm.estimate.physics import FILAMENT_TERMS, TIME_TERMS
from pricing_fdm.quoting.estimate_models import own_model_path
from pricing_fdm.settings.shop import bundled_shop_folder
from pricing_fdm.shop.load import load_shop
from pricing_fdm.slicers.presets.loaded_shop import load_presets

WIDTH, ANCHORED = 0.1, 0.02


def fitted_model(profile_hashes: Iterable[str], **changes: Any) -> EstimateModel:
    """For these presets."""
    widths = {"low": WIDTH, "high": WIDTH}
    figure = {
        "residual": {"start": 0.0, "trees": []},
        "widths": dict.fromkeys(GROUPS, widths),
        "anchored": {
            "share": 1.0,
            "widths": {group: {"low": ANCHORED, "high": ANCHORED} for group in GROUPS},
        },
    }
    fields = {
        "engine": "prusa",
        "trained_on": {
            "date": "2026-11-30",
            "slicer": "PrusaSlicer 2.5.0",
            "labels": 340,
            "parts": 153,
            "families": 6,
        },
        "profile_hashes": list(profile_hashes),
        "ranges": {name: {"low": -1e9, "high": 1e9} for name in FEATURES},
        "time": {**figure, "coefficients": dict.fromkeys(TIME_TERMS, 1.0)},
        "filament": {**figure, "coefficients": dict.fromkeys(FILAMENT_TERMS, 1.0)},
        "support": {"low": 0.1, "high": 0.1},
    }
    return EstimateModel.model_validate(fields | changes)


def estimating_shop(folder: Path) -> Path:
    """The bundled shop with such a model of its own, which knows the standard quality only."""
    shutil.copytree(bundled_shop_folder(), folder)
    fit(folder)
    return folder


def fit(folder: Path) -> None:
    """Gives a shop such a model of its own."""
    hashes = [
        printer.chosen("standard", material).hash
        for printer in load_presets(load_shop(folder)).printers
        if "standard" in printer.processes
        for material in printer.filaments
    ]
    own = own_model_path(folder, "prusa")
    own.parent.mkdir()
    own.write_text(fitted_model(hashes).model_dump_json())

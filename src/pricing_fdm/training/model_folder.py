"""Fits one model for each slicer that has labels, and writes it where the service reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pricing_fdm.estimate.fitting import fit
from pricing_fdm.estimate.labels import Label
from pricing_fdm.estimate.matrices import Held
from pricing_fdm.estimate.model_file import EstimateModel
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop

MODELS_FOLDER = "estimate"
"""In the folder of a shop."""

LEAST_LABELS = 30
LEAST_FAMILIES = 3


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model, with its errors on the families that were held out, label by label."""

    model: EstimateModel
    labels: Sequence[Label]
    held: Held


def fit_all(labels: Sequence[Label], loaded: LoadedShop, today: dt.date) -> Iterator[Fitted]:
    """A model of each slicer that has enough labels.

    Labels that were made with other presets than those of the shop are left out.
    """
    hashes = {printer.id: _hashes(loaded, printer.id) for printer in loaded.printers}
    of_shop = frozenset().union(*hashes.values())
    for engine in sorted({label.engine for label in labels}):
        chosen = [
            label
            for label in labels
            if label.engine == engine and label.row.profile_hash in of_shop
        ]
        families = {label.row.family for label in chosen}
        if len(chosen) < LEAST_LABELS or len(families) < LEAST_FAMILIES:
            continue
        others = [label.row for label in labels if label.engine != engine]
        sliced = {label.row.profile_hash for label in chosen}
        known = [found for found in hashes.values() if found & sliced]
        model, held = fit(
            [label.row for label in chosen],
            [row for row in others if row.profile_hash in of_shop],
            engine=engine,
            slicer=max(label.slicer for label in chosen),
            date=today.isoformat(),
            profile_hashes=frozenset().union(*known),
        )
        yield Fitted(model, chosen, held)


def _hashes(loaded: LoadedShop, printer_id: str) -> frozenset[str]:
    """The hashes of all presets of a printer, also of those that were not sliced."""
    printer = next(each for each in loaded.printers if each.id == printer_id)
    return frozenset(
        printer.chosen(quality, material).hash
        for quality in printer.processes
        for material in printer.filaments
    )


def write_model(model: EstimateModel, folder: Path) -> Path:
    """Writes a model beside its place and moves it there: a reader never sees half of one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{model.engine}.json"
    new = path.with_suffix(".new")
    new.write_text(model.model_dump_json() + "\n", "utf-8")
    return new.replace(path)

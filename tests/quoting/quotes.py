"""A quote without a slicer, for what is done with one afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pricing_fdm.model import (
    Complexity,
    Download,
    LayerThickness,
    Material,
    Order,
    PrintSettings,
)
from pricing_fdm.pricing.quote import price
from pricing_fdm.quoting.pipeline import Quote
from pricing_fdm.settings import load_settings
from tests.quoting.cache.slice_results import slice_result


def quote(engine: str = "orca", *, cached: bool = False) -> Quote:
    """A quote by a slicer."""
    found, order = slice_result(), Order(PrintSettings(Material.PLA, 20, LayerThickness.STANDARD))
    return Quote(
        order=order,
        download=Download(Path("upload"), 684, "0" * 64),
        part=found.part,
        engine=replace(found.engine, name=engine),
        metrics=found.metrics,
        complexity=Complexity.LOW,
        price=price(found.metrics, order, Complexity.LOW, load_settings().rates.tariff()),
        warnings=found.warnings,
        cached=cached,
    )

"""A quote without a slicer, for what is done with one afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pricing_fdm.model import (
    Complexity,
    Download,
    Order,
    PrintSettings,
    QuoteWarning,
)
from pricing_fdm.pricing.quote import price
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.workshop import PrinterChoice
from pricing_fdm.slicers.fallback import FALLBACK
from tests.harness import qualities
from tests.pricing.jobs import job
from tests.quoting.cache.slice_results import slice_result


def quote(engine: str = "orca", *, cached: bool = False) -> Quote:
    """A quote by a slicer; OrcaSlicer is the first, and PrusaSlicer helps out."""
    found, order = slice_result(), Order(PrintSettings("pla", 20, qualities.STANDARD))
    helped = () if engine == "orca" else (QuoteWarning(FALLBACK, "PrusaSlicer helped out."),)
    return Quote(
        order=order,
        download=Download(Path("upload"), 684, "0" * 64),
        part=found.part,
        engine=replace(found.engine, name=engine),
        printer=PrinterChoice("fdm-200", "Generic FDM 200"),
        metrics=found.metrics,
        complexity=Complexity.LOW,
        price=price(job(found.metrics)),
        warnings=found.warnings + helped,
        cached=cached,
    )

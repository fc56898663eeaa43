"""Orders whose slice results are known, for the tests of prices."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pricing_fdm.model import Complexity, Metrics, Order, PrintSettings, QuoteWarning
from pricing_fdm.pricing.job import Job, Plate
from pricing_fdm.shop.catalogue import Shop
from tests.harness import qualities
from tests.shop.shops import bundled_shop

NOW = dt.datetime(2026, 11, 30, 10, 0, tzinfo=dt.UTC)  # a Monday


def metrics(time_s: str, filament_g: str, support_g: str | None = "0") -> Metrics:
    """Of one copy."""
    return Metrics(
        print_time_s=Decimal(time_s),
        filament_mm=Decimal(1000),
        filament_g=Decimal(filament_g),
        volume_cm3=Decimal(1),
        layers=100,
        support_g=None if support_g is None else Decimal(support_g),
    )


def job(
    copy: Metrics,
    material: str = "pla",
    quantity: int = 1,
    *,
    shop: Shop | None = None,
    complexity: Complexity = Complexity.MEDIUM,
    now: dt.datetime = NOW,
    warnings: tuple[QuoteWarning, ...] = (),
    surface_cm2: str = "0",
    **order: Any,
) -> Job:
    """Each copy on a plate of its own."""
    shop = shop or bundled_shop()
    settings = PrintSettings(material, 20, qualities.STANDARD)
    return Job(
        order=Order(settings, quantity, **order),
        shop=shop,
        printer=shop.printers[0].id,
        plates=(Plate(1, quantity, copy),),
        copy=copy,
        complexity=complexity,
        surface_cm2=Decimal(surface_cm2),
        now=now,
        warnings=warnings,
    )


def with_tariff(shop: Shop, **changes: Any) -> Shop:
    """A shop that charges otherwise."""
    return shop.model_copy(update={"tariff": shop.tariff.model_copy(update=changes)})


def with_cost(shop: Shop, material: str, cost_per_g: Decimal) -> Shop:
    """A shop with another cost of a material."""
    changed = {"cost_per_g": cost_per_g, "cost_per_kg": None}
    materials = tuple(
        each.model_copy(update=changed) if each.id == material else each for each in shop.materials
    )
    return shop.model_copy(update={"materials": materials})


def on_plates(job: Job, *plates: Plate) -> Job:
    """The same order, packed otherwise."""
    return replace(job, plates=plates)

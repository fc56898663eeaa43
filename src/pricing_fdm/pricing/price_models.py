"""The two ways to charge; each is a tariff of the one engine.

`adr010` charges for material by the gram, for the machine by the hour and a base fee, times a
margin: the rates that a `Tariff` needs, and nothing else. `hourly` charges for the machine's hours
alone, at a rate that has everything in it, times a factor for the material and one for the part's
complexity, and lets the total end in 90 cents. A rush order costs more in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from pricing_fdm.model import Complexity, Material
from pricing_fdm.pricing.price_ending import PriceEnding
from pricing_fdm.pricing.tariff import Tariff

HOURLY_COMPLEXITY_FACTORS: Mapping[Complexity, Decimal] = {
    Complexity.LOW: Decimal("0.8"),
    Complexity.MEDIUM: Decimal(1),
    Complexity.HIGH: Decimal("1.2"),
}
HOURLY_MATERIAL_FACTORS: Mapping[Material, Decimal] = {
    **dict.fromkeys(Material, Decimal(1)),
    Material.PLA: Decimal("0.8"),
    Material.ABS: Decimal("1.2"),
}


class PriceModel(StrEnum):
    """Which of the two a shop has chosen."""

    ADR010 = "adr010"
    HOURLY = "hourly"


DEFAULT_RUSH_MULTIPLIERS: Mapping[PriceModel, Decimal] = {
    PriceModel.ADR010: Decimal("1.25"),
    PriceModel.HOURLY: Decimal("1.20"),
}


def hourly_tariff(*, rate_usd_per_hour: Decimal, rush_multiplier: Decimal) -> Tariff:
    """The tariff of `hourly`; the figures that are no arguments are those of the model itself."""
    return Tariff(
        base_fee_usd=Decimal(0),
        machine_rate_usd_per_hour=rate_usd_per_hour,
        margin_multiplier=Decimal(1),
        cost_usd_per_g=dict.fromkeys(Material, Decimal(0)),
        material_factor=HOURLY_MATERIAL_FACTORS,
        complexity_factor=HOURLY_COMPLEXITY_FACTORS,
        rush_multiplier=rush_multiplier,
        price_ending=PriceEnding.LADDER,
    )

"""What the shop charges: the only numbers of a price that do not come from the slicer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pricing_fdm.model import Complexity
from pricing_fdm.pricing.price_ending import PriceEnding
from pricing_fdm.shop.catalogue import Shop

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Tariff:
    """Rates of one shop; factors that are not stated are 1.

    Attributes:
        base_fee_usd: Charged once per order.
        machine_rate_usd_per_hour: For each hour of printing.
        margin_multiplier: Multiplies the whole cost; 1.30 adds 30 percent.
        cost_usd_per_g: For each material on offer.
        material_factor: Multiplies what the margin gave.
        complexity_factor: Multiplies that.
        rush_multiplier: Multiplies that, for a rush order.
        price_ending: How the total then ends.
    """

    base_fee_usd: Decimal
    machine_rate_usd_per_hour: Decimal
    margin_multiplier: Decimal
    cost_usd_per_g: Mapping[str, Decimal]
    material_factor: Mapping[str, Decimal] = field(default_factory=dict)
    complexity_factor: Mapping[Complexity, Decimal] = field(default_factory=dict)
    rush_multiplier: Decimal = _ONE
    price_ending: PriceEnding = PriceEnding.NONE


def tariff_of(shop: Shop) -> Tariff:
    """The rates of a shop."""
    tariff = shop.tariff
    return Tariff(
        base_fee_usd=tariff.base_fee,
        machine_rate_usd_per_hour=tariff.machine_rate_per_hour,
        margin_multiplier=tariff.margin,
        cost_usd_per_g={each.id: each.gram_cost for each in shop.materials},
        material_factor=tariff.material_factors,
        complexity_factor=tariff.complexity_factors,
        rush_multiplier=tariff.speeds[0].factor if tariff.speeds else _ONE,
        price_ending=tariff.ending,
    )

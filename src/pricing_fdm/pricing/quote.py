"""The price formula: (material + machine + base fee) x margin, for a whole order.

Quantity multiplies material and machine time; the base fee is charged once. Every figure shown is
rounded half-up once, from unrounded figures. The lines of the breakdown add up to the total to the
cent: where their roundings do not, a line `rounding` carries the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

from pricing_fdm.model import Material, Metrics
from pricing_fdm.pricing.lead_time import lead_time_days
from pricing_fdm.pricing.money import EXACT, to_cents
from pricing_fdm.pricing.tariff import Tariff

_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the breakdown; `code` is stable, `label` is for people."""

    code: str
    label: str
    amount_usd: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """What an order costs and when it is ready.

    Attributes:
        total_usd: Of the order, margin included.
        unit_usd: Total divided by quantity.
        material_cost_usd: Of the order, before margin.
        machine_cost_usd: Of the order, before margin.
        base_fee_usd: Of the order, before margin.
        lead_time_days: Of the order.
        print_time_hours: Of one part, not rounded.
        breakdown: Lines that add up to `total_usd` exactly.
    """

    total_usd: Decimal
    unit_usd: Decimal
    material_cost_usd: Decimal
    machine_cost_usd: Decimal
    base_fee_usd: Decimal
    lead_time_days: int
    print_time_hours: Decimal
    breakdown: tuple[Line, ...]


def price(metrics: Metrics, material: Material, quantity: int, tariff: Tariff) -> Price:
    """Prices `quantity` copies of a part.

    Raises:
        ValueError: `quantity` is below one.
    """
    if quantity < 1:
        raise ValueError(f"quantity must be at least 1, not {quantity}")
    with localcontext(EXACT):
        return _price(metrics, material, quantity, tariff)


def _price(metrics: Metrics, material: Material, quantity: int, tariff: Tariff) -> Price:
    order_time_s = metrics.print_time_s * quantity
    material_usd = metrics.filament_g * quantity * tariff.cost_usd_per_g[material]
    # The division by 3600 always comes last: cut earlier, a time such as 1 s leaves an endless
    # fraction, and a total of exactly half a cent could fall a hair below it.
    machine_x3600 = order_time_s * tariff.machine_rate_usd_per_hour
    cost_x3600 = (material_usd + tariff.base_fee_usd) * _SECONDS_PER_HOUR + machine_x3600
    total_x3600 = cost_x3600 * tariff.margin_multiplier

    total_usd = to_cents(total_x3600 / _SECONDS_PER_HOUR)
    material_cost_usd = to_cents(material_usd)
    machine_cost_usd = to_cents(machine_x3600 / _SECONDS_PER_HOUR)
    base_fee_usd = to_cents(tariff.base_fee_usd)
    margin_usd = to_cents((total_x3600 - cost_x3600) / _SECONDS_PER_HOUR)
    return Price(
        total_usd=total_usd,
        unit_usd=to_cents(total_x3600 / (_SECONDS_PER_HOUR * quantity)),
        material_cost_usd=material_cost_usd,
        machine_cost_usd=machine_cost_usd,
        base_fee_usd=base_fee_usd,
        lead_time_days=lead_time_days(order_time_s / _SECONDS_PER_HOUR),
        print_time_hours=metrics.print_time_s / _SECONDS_PER_HOUR,
        breakdown=_add_up(
            total_usd,
            Line("material", "Material", material_cost_usd),
            Line("machine", "Machine time", machine_cost_usd),
            Line("base_fee", "Base fee", base_fee_usd),
            Line("margin", "Margin", margin_usd),
        ),
    )


def _add_up(total_usd: Decimal, *lines: Line) -> tuple[Line, ...]:
    difference = total_usd - sum(line.amount_usd for line in lines)
    if difference == 0:
        return lines
    return (*lines, Line("rounding", "Rounding", difference))

"""The price formula, for a whole order.

    (material + machine + base fee) x margin x material factor x complexity factor x rush factor,
    then brought to the ending that the shop likes

Quantity multiplies material and machine time; the base fee is charged once. What a tariff leaves
out is zero or one, so this is the only formula, whatever the price model. Every figure shown is
rounded half-up once, from unrounded figures. The lines of the breakdown add up to the total to the
cent: where their roundings do not, a line `rounding` carries the difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext

from pricing_fdm.model import Complexity, Metrics, Order
from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.pricing.lead_time import lead_time_days, rush_lead_time_days
from pricing_fdm.pricing.money import to_cents
from pricing_fdm.pricing.price_ending import PriceEnding, with_ending
from pricing_fdm.pricing.tariff import Tariff

_SECONDS_PER_HOUR = 3600
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the breakdown.

    Attributes:
        code: Stable. `material`, `machine`, `base_fee`, `margin` always; then what there is of
            `material_factor`, `complexity`, `rush`, `price_ending`, `rounding`, in this order.
        label: For people.
        amount_usd: What the line adds, or takes off.
    """

    code: str
    label: str
    amount_usd: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """What an order costs and when it is ready.

    Attributes:
        total_usd: Of the order, all included.
        unit_usd: Total divided by quantity.
        material_cost_usd: Of the order, before margin and factors; 0.00 where the hour's rate has
            the material in it.
        machine_cost_usd: Of the order, before margin and factors.
        base_fee_usd: Of the order, before margin and factors; 0.00 where there is none.
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


def price(metrics: Metrics, order: Order, complexity: Complexity, tariff: Tariff) -> Price:
    """Prices an order.

    Args:
        metrics: Of one copy.
        order: How many, of what material, and whether it is a rush.
        complexity: Of the part.
        tariff: What the shop charges.

    Raises:
        ValueError: The order is for less than one copy.
    """
    if order.quantity < 1:
        raise ValueError(f"quantity must be at least 1, not {order.quantity}")
    with localcontext(EXACT):
        return _price(metrics, order, complexity, tariff)


def _price(metrics: Metrics, order: Order, complexity: Complexity, tariff: Tariff) -> Price:
    material = order.print_settings.material
    material_usd = metrics.filament_g * order.quantity * tariff.cost_usd_per_g[material]
    # The division by 3600 always comes last: cut earlier, a time such as 1 s leaves an endless
    # fraction, and a total of exactly half a cent could fall a hair below it.
    machine_x3600 = metrics.print_time_s * order.quantity * tariff.machine_rate_usd_per_hour
    cost_x3600 = (material_usd + tariff.base_fee_usd) * _SECONDS_PER_HOUR + machine_x3600
    margin_x3600 = cost_x3600 * (tariff.margin_multiplier - _ONE)
    factors = (
        ("material_factor", "Material factor", tariff.material_factor.get(material, _ONE)),
        ("complexity", "Complexity", tariff.complexity_factor.get(complexity, _ONE)),
        ("rush", "Rush order", tariff.rush_multiplier if order.speed else _ONE),
    )
    factor_lines, sum_x3600 = _multiplied(cost_x3600 + margin_x3600, factors)
    sum_usd = sum_x3600 / _SECONDS_PER_HOUR
    final_usd = with_ending(sum_usd, tariff.price_ending)

    total_usd = to_cents(final_usd)
    material_cost_usd = to_cents(material_usd)
    machine_cost_usd = to_cents(machine_x3600 / _SECONDS_PER_HOUR)
    base_fee_usd = to_cents(tariff.base_fee_usd)
    return Price(
        total_usd=total_usd,
        unit_usd=to_cents(final_usd / order.quantity),
        material_cost_usd=material_cost_usd,
        machine_cost_usd=machine_cost_usd,
        base_fee_usd=base_fee_usd,
        lead_time_days=_lead_time_days(metrics, order),
        print_time_hours=metrics.print_time_s / _SECONDS_PER_HOUR,
        breakdown=_add_up(
            total_usd,
            Line("material", "Material", material_cost_usd),
            Line("machine", "Machine time", machine_cost_usd),
            Line("base_fee", "Base fee", base_fee_usd),
            Line("margin", "Margin", to_cents(margin_x3600 / _SECONDS_PER_HOUR)),
            *factor_lines,
            *_ending_line(final_usd - sum_usd, tariff.price_ending),
        ),
    )


def _multiplied(
    sum_x3600: Decimal, factors: Iterable[tuple[str, str, Decimal]]
) -> tuple[list[Line], Decimal]:
    """Applies each factor to what the one before gave; a factor of one needs no line."""
    lines = []
    for code, label, factor in factors:
        added_x3600 = sum_x3600 * (factor - _ONE)
        sum_x3600 += added_x3600
        if factor != _ONE:
            lines.append(Line(code, label, to_cents(added_x3600 / _SECONDS_PER_HOUR)))
    return lines, sum_x3600


def _ending_line(difference_usd: Decimal, ending: PriceEnding) -> tuple[Line, ...]:
    if ending is PriceEnding.NONE:
        return ()
    return (Line("price_ending", "Price ending", to_cents(difference_usd)),)


def _lead_time_days(metrics: Metrics, order: Order) -> int:
    if order.speed:
        return rush_lead_time_days(metrics.print_time_s, order.quantity)
    return lead_time_days(metrics.print_time_s * order.quantity / _SECONDS_PER_HOUR)


def _add_up(total_usd: Decimal, *lines: Line) -> tuple[Line, ...]:
    difference = total_usd - sum(line.amount_usd for line in lines)
    if difference == 0:
        return lines
    return (*lines, Line("rounding", "Rounding", difference))

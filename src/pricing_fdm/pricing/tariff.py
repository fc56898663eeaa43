"""What the shop charges: the only numbers of a price that do not come from the slicer.

The engine knows one formula. A shop that charges by the hour only is a tariff whose base fee and
material costs are zero, not a second formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from pricing_fdm.model import Material


@dataclass(frozen=True, slots=True)
class Tariff:
    """Rates of one shop, checked once when built.

    Attributes:
        base_fee_usd: Charged once per order.
        machine_rate_usd_per_hour: For each hour of printing.
        margin_multiplier: Multiplies the whole cost; 1.30 adds 30 percent.
        cost_usd_per_g: For each material on offer.

    Raises:
        TypeError: A rate is not a Decimal (a float would carry its binary error into the price).
        ValueError: A rate is negative or not finite, the margin is zero, or a material has no cost.
    """

    base_fee_usd: Decimal
    machine_rate_usd_per_hour: Decimal
    margin_multiplier: Decimal
    cost_usd_per_g: Mapping[Material, Decimal]

    def __post_init__(self) -> None:
        _check("base_fee_usd", self.base_fee_usd)
        _check("machine_rate_usd_per_hour", self.machine_rate_usd_per_hour)
        _check("margin_multiplier", self.margin_multiplier)
        if self.margin_multiplier == 0:
            raise ValueError("margin_multiplier must be above zero: every total would be 0.00")
        missing = [material.value for material in Material if material not in self.cost_usd_per_g]
        if missing:
            raise ValueError(f"cost_usd_per_g lacks {', '.join(missing)}")
        for material, cost in self.cost_usd_per_g.items():
            _check(f"cost_usd_per_g[{material}]", cost)
        object.__setattr__(self, "cost_usd_per_g", MappingProxyType(dict(self.cost_usd_per_g)))


def _check(name: str, value: object) -> None:
    if not isinstance(value, Decimal):
        raise TypeError(f"{name} must be a Decimal, not {type(value).__name__}")
    if not value.is_finite() or value < 0:
        raise ValueError(f"{name} must be a finite number of at least zero, not {value}")

"""What the shop charges: the only numbers of a price that do not come from the slicer.

The engine knows one formula. A shop that charges by the hour only is a tariff whose base fee and
material costs are zero, not a second formula; what a tariff leaves out changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from pricing_fdm.model import Complexity, Material
from pricing_fdm.pricing.price_ending import PriceEnding

_ONE = Decimal(1)
_Key = TypeVar("_Key", bound=StrEnum)


def _all_one(keys: type[_Key]) -> Mapping[_Key, Decimal]:
    return dict.fromkeys(keys, _ONE)


@dataclass(frozen=True, slots=True)
class Tariff:
    """Rates of one shop, checked once when built.

    Attributes:
        base_fee_usd: Charged once per order.
        machine_rate_usd_per_hour: For each hour of printing.
        margin_multiplier: Multiplies the whole cost; 1.30 adds 30 percent.
        cost_usd_per_g: For each material on offer.
        material_factor: Multiplies what the margin gave, for each material on offer.
        complexity_factor: Multiplies that, for each complexity.
        rush_multiplier: Multiplies that, for a rush order.
        price_ending: How the total then ends.

    Raises:
        TypeError: A rate is not a Decimal (a float would carry its binary error into the price).
        ValueError: A rate is negative or not finite, a factor is zero, a rush order would be
            cheaper, or a material or a complexity has none.
    """

    base_fee_usd: Decimal
    machine_rate_usd_per_hour: Decimal
    margin_multiplier: Decimal
    cost_usd_per_g: Mapping[Material, Decimal]
    material_factor: Mapping[Material, Decimal] = field(default_factory=lambda: _all_one(Material))
    complexity_factor: Mapping[Complexity, Decimal] = field(
        default_factory=lambda: _all_one(Complexity)
    )
    rush_multiplier: Decimal = _ONE
    price_ending: PriceEnding = PriceEnding.NONE

    def __post_init__(self) -> None:
        _check("base_fee_usd", self.base_fee_usd)
        _check("machine_rate_usd_per_hour", self.machine_rate_usd_per_hour)
        _check_factor("margin_multiplier", self.margin_multiplier)
        _check_factor("rush_multiplier", self.rush_multiplier)
        if self.rush_multiplier < 1:
            raise ValueError("rush_multiplier must be at least 1: a rush order is not cheaper")
        _check_table("cost_usd_per_g", self.cost_usd_per_g, Material, _check)
        _check_table("material_factor", self.material_factor, Material, _check_factor)
        _check_table("complexity_factor", self.complexity_factor, Complexity, _check_factor)
        for name in ("cost_usd_per_g", "material_factor", "complexity_factor"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))


def _check_table(
    name: str,
    table: Mapping[_Key, Decimal],
    keys: type[_Key],
    check: Callable[[str, object], None],
) -> None:
    missing = [key.value for key in keys if key not in table]
    if missing:
        raise ValueError(f"{name} lacks {', '.join(missing)}")
    for key, value in table.items():
        check(f"{name}[{key}]", value)


def _check_factor(name: str, value: object) -> None:
    _check(name, value)
    if value == 0:
        raise ValueError(f"{name} must be above zero: every total would be 0.00")


def _check(name: str, value: object) -> None:
    if not isinstance(value, Decimal):
        raise TypeError(f"{name} must be a Decimal, not {type(value).__name__}")
    if not value.is_finite() or value < 0:
        raise ValueError(f"{name} must be a finite number of at least zero, not {value}")

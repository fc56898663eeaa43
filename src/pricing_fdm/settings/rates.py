"""What printing costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from pricing_fdm.model import Material
from pricing_fdm.pricing.price_models import (
    DEFAULT_RUSH_MULTIPLIERS,
    PriceModel,
    hourly_tariff,
)
from pricing_fdm.pricing.tariff import Tariff
from pricing_fdm.settings.group import Group

Money = Annotated[Decimal, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class Rates(Group):
    """What printing costs."""

    price_model: PriceModel = Field(
        PriceModel.ADR010,
        description="`adr010`: material, machine and base fee times a margin; `hourly`: machine "
        "hours times factors, ending in 90 cents (ADR 14). The next eleven are for `adr010`.",
    )
    base_fee_usd: Money = Field(Decimal("5.00"), description="Set-up, quality check and packing.")
    machine_rate_usd_per_hour: Money = Field(
        Decimal("10.00"), description="Depreciation, power and labour of one printer hour."
    )
    margin_multiplier: Annotated[Decimal, Field(ge=1, le=100, allow_inf_nan=False)] = Field(
        Decimal("1.30"), description="The sum of all costs is multiplied by this."
    )
    material_pla_cost_per_g: Money = Field(Decimal("0.02"), description="USD for one gram of PLA.")
    material_abs_cost_per_g: Money = Field(Decimal("0.025"), description="The same for ABS.")
    material_petg_cost_per_g: Money = Field(Decimal("0.03"), description="The same for PETG.")
    material_abs_esd_cost_per_g: Money = Field(
        Decimal("0.035"), description="The same for ESD-safe ABS."
    )
    material_asa_cost_per_g: Money = Field(Decimal("0.028"), description="The same for ASA.")
    material_nylon_cost_per_g: Money = Field(Decimal("0.04"), description="The same for nylon.")
    material_pc_cost_per_g: Money = Field(
        Decimal("0.045"), description="The same for polycarbonate."
    )
    material_tpu_cost_per_g: Money = Field(Decimal("0.035"), description="The same for TPU.")

    hourly_rate_usd_per_hour: Money = Field(
        Decimal("3.00"),
        description="What an hour costs with `PRICE_MODEL=hourly`, everything included.",
    )
    rush_multiplier: Annotated[Decimal, Field(ge=1, le=100, allow_inf_nan=False)] | None = Field(
        None,
        description="The price of a rush order is multiplied by this. Default: 1.25 with `adr010`, "
        "1.20 with `hourly`.",
    )

    def tariff(self) -> Tariff:
        """The rates as pricing takes them."""
        rush = self.rush_multiplier
        if rush is None:
            rush = DEFAULT_RUSH_MULTIPLIERS[self.price_model]
        if self.price_model is PriceModel.HOURLY:
            return hourly_tariff(
                rate_usd_per_hour=self.hourly_rate_usd_per_hour, rush_multiplier=rush
            )
        return Tariff(
            rush_multiplier=rush,
            base_fee_usd=self.base_fee_usd,
            machine_rate_usd_per_hour=self.machine_rate_usd_per_hour,
            margin_multiplier=self.margin_multiplier,
            cost_usd_per_g={
                material: getattr(self, f"material_{material.name.lower()}_cost_per_g")
                for material in Material
            },
        )

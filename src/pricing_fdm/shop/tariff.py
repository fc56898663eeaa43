"""What a shop charges, and when it delivers: the tables of the shop file that hold rules."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from pricing_fdm.model import Complexity
from pricing_fdm.pricing.price_ending import PriceEnding
from pricing_fdm.shop.values import (
    Amount,
    Count,
    Entry,
    Factor,
    Flag,
    Id,
    Measure,
    Percent,
    Text,
    TimeOfDay,
    Zone,
)

_ZERO, _ONE = Decimal(0), Decimal(1)

Discount = Annotated[Percent, Field(le=100)]


class MarginFrom(Entry):
    """The margin of orders of so many copies and more."""

    copies: Count = Field(alias="from")
    margin: Factor


class DiscountFrom(Entry):
    """The discount of orders of so many copies and more."""

    copies: Count = Field(alias="from")
    percent: Discount


class Speed(Entry):
    """A faster delivery, for a higher price."""

    id: Id
    name: Text
    factor: Annotated[Factor, Field(ge=1)]
    days_factor: Annotated[Factor, Field(le=1)] = Field(
        _ONE, description="The share of the usual days that it takes."
    )


class Tax(Entry):
    """The tax on the price."""

    label: Text
    percent: Discount
    included: Flag = Field(default=False, description="Whether the amounts of the file hold it.")


def _rising(breaks: tuple[MarginFrom | DiscountFrom, ...]) -> tuple[object, ...]:
    starts = [each.copies for each in breaks]
    if starts != sorted(set(starts)):
        raise ValueError("the breaks overlap: each `from` must be above the one before it")
    return breaks


class Tariff(Entry):
    """What is charged; what the file leaves out is not."""

    base_fee: Amount = Field(_ZERO, description="Per order.")
    machine_rate_per_hour: Amount
    margin: Factor = Field(_ONE, description="The costs are multiplied by this.")
    margin_by_quantity: Annotated[tuple[MarginFrom, ...], AfterValidator(_rising)] = ()
    quantity_discounts: Annotated[tuple[DiscountFrom, ...], AfterValidator(_rising)] = ()
    handling_per_plate: Amount = _ZERO
    support_removal_per_g: Amount = Field(_ZERO, description="Of support.")
    failure_percent: Percent = Field(_ZERO, description="Added to material and machine.")
    minimum_per_part: Amount = _ZERO
    minimum_per_order: Amount = _ZERO
    ending: PriceEnding = PriceEnding.NONE
    rounding_step: Annotated[Amount, Field(gt=0)] | None = Field(
        None, description="Left out: the currency's smallest unit."
    )
    quantity: Literal["plates", "multiply"] = Field(
        "plates",
        description="Copies are sliced together on real plates, or the figures of one are "
        "multiplied.",
    )
    plate_copies_max: Count = Field(16, description="No more copies on one plate than this.")
    material_factors: dict[Id, Factor] = Field(
        {}, description="By material; those left out are 1. What the margin gave is multiplied."
    )
    complexity_factors: dict[Complexity, Factor] = Field(
        {}, description="By the part's complexity; those left out are 1."
    )
    speeds: tuple[Speed, ...] = ()
    tax: Tax | None = None

    def speed(self, speed_id: str | None) -> Speed | None:
        """The faster delivery of this id."""
        return next((each for each in self.speeds if each.id == speed_id), None)

    def margin_of(self, copies: int) -> Decimal:
        """The margin of an order of so many copies."""
        return next(
            (each.margin for each in reversed(self.margin_by_quantity) if each.copies <= copies),
            self.margin,
        )

    def discount_percent(self, copies: int) -> Decimal:
        """The discount of an order of so many copies."""
        return next(
            (each.percent for each in reversed(self.quantity_discounts) if each.copies <= copies),
            _ZERO,
        )


class Weekday(StrEnum):
    """The days of the week, in its order."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class LeadTime(Entry):
    """When orders are ready."""

    model: Literal["table", "capacity"] = "table"
    working_days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = tuple(Weekday)[:5]
    hours_per_day: Annotated[Measure, Field(gt=0, le=24)] = Field(
        Decimal(24), description="That one machine prints on a working day."
    )
    cut_off: TimeOfDay | None = Field(
        None, description="Orders that come later begin on the next working day."
    )
    time_zone: Zone = "UTC"
    backlog_hours: Measure = Field(_ZERO, description="Work that waits already, per printer.")


class Review(Entry):
    """When a person should look before the price binds."""

    total_above: Amount | None = None
    print_hours_above: Measure | None = None
    support_share_above: Annotated[Measure, Field(le=1)] | None = None
    warnings: tuple[Text, ...] = ()


class QuoteTerms(Entry):
    """What holds for a quote."""

    valid_days: Count = 14

"""The JSON of an order of several parts, and of its price."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from pricing_fdm.order_request import PartRequest, SpeedRequest, one_of_each
from pricing_fdm.web.fields import Amount, Figure
from pricing_fdm.web.options_schemas import OptionsTiming
from pricing_fdm.web.problem_schemas import Problem
from pricing_fdm.web.schemas import (
    EngineFacts,
    ModelFacts,
    ModelSource,
    PlateFacts,
    PriceFacts,
    PrinterFacts,
    PrintFacts,
    ReviewFacts,
    WarningFact,
)

MOST_PARTS = 50


class OrderedPart(PartRequest, ModelSource):
    """A part, how to print it, and how many of it."""

    model_config = ConfigDict(
        json_schema_extra=one_of_each(("layer_thickness", "quality"), ("file_url", "upload_id"))
    )


class PartsRequest(SpeedRequest):
    """What to price together, and how soon."""

    parts: list[OrderedPart] = Field(
        min_length=1, max_length=MOST_PARTS, description="Equal ones may be among them."
    )


class PartFacts(BaseModel):
    """A part of an order."""

    share: Amount = Field(description="Of the total: by what each part costs without set-up.")
    quantity: int = Field(description="Copies.")
    print_time_hours: Figure = Field(description="Of one copy by itself.")
    filament_weight_g: Figure = Field(description="Of one copy by itself.")
    volume_cm3: Figure = Field(description="Of the filament of one copy.")
    model: ModelFacts = Field(description="What the file holds.")
    print: PrintFacts = Field(description="How it is printed.")
    printer: PrinterFacts = Field(description="Where it is printed.")
    engine: EngineFacts = Field(description="What it was sliced with.")
    warnings: list[WarningFact] = Field(description="What to know about this part.")
    cached: bool = Field(description="Whether the figures were known already.")


class PartAnswer(BaseModel):
    """A part with its price or its problem; with neither where only others have a problem."""

    part: PartFacts | None = Field(None, description="Where the order has a price.")
    problem: Problem | None = Field(
        None, description="The body that a single quote would have been refused with."
    )


class CopiesOnPlate(BaseModel):
    """How many copies of a part lie on a plate."""

    part: int = Field(description="The number of the part in the request, from 0.")
    copies: int = Field(description="How many.")


def copies_on_plate(copies: Mapping[int, int]) -> list[CopiesOnPlate]:
    """By the numbers of the parts."""
    return [CopiesOnPlate(part=part, copies=many) for part, many in sorted(copies.items())]


class PackedPlateFacts(BaseModel):
    """What lies on a plate of the order."""

    copies: int = Field(description="Of all parts, on one plate.")
    times: int = Field(description="How many such plates there are.")
    printer: str = Field(description="The printer's id.")
    parts: list[CopiesOnPlate] = Field(description="What lies on it.")


class OrderPlateFacts(PlateFacts, PackedPlateFacts):
    """A plate of the order."""


class PartsResponse(BaseModel):
    """The price of an order, or why it has none: then only `parts` says more."""

    quote_id: UUID = Field(description="Names the answer, here and in the log.")
    currency: str = Field(description="ISO 4217.")
    shop_version: str = Field(description="Names the shop file and presets behind the price.")
    price: PriceFacts | None = Field(
        None, description="Of the whole order; `unit` is its total divided by all copies."
    )
    lead_time_days: int | None = Field(None, description="Days until the order is ready.")
    valid_until: dt.date | None = Field(None, description="The last day on which the price holds.")
    review: ReviewFacts | None = Field(None, description="Whether a person should look first.")
    plates: list[OrderPlateFacts] | None = Field(None, description="The plates of the order.")
    parts: list[PartAnswer] = Field(description="In the order of the request.")
    warnings: list[WarningFact] = Field(description="What to know about the whole order.")
    timing_ms: OptionsTiming = Field(description="How long it took, in ms.")

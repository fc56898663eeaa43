"""The JSON of what an order of several parts would come to."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pricing_fdm.web.estimate_schemas import AmountRange, PartEstimate
from pricing_fdm.web.options_schemas import OptionsTiming
from pricing_fdm.web.order_schemas import PackedPlateFacts
from pricing_fdm.web.problem_schemas import Problem
from pricing_fdm.web.schemas import WarningFact


class DaysRange(BaseModel):
    """Days, and between which they lie."""

    low: int = Field(description="If all parts take the least time.")
    likely: int = Field(description="The best guess.")
    high: int = Field(description="If all parts take the most time.")


class OrderedPartEstimate(PartEstimate):
    """What a part of an order would come to."""

    share: AmountRange | None = Field(
        None, description="Of the price of the order, where it has one; see `share` of an order."
    )


class EstimatedPart(BaseModel):
    """The estimate of a part or its problem: exactly one of the two."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    estimate: OrderedPartEstimate | None = Field(None, description="Also where others have none.")
    problem: Problem | None = Field(
        None, description="The body that a single estimate would have been refused with."
    )


class OrderEstimateResponse(BaseModel):
    """What an order would probably come to. Nothing was sliced, and it binds nobody."""

    binding: Literal[False] = Field(description="An estimate never binds.")
    needs_slice: bool = Field(
        description="`true`: no estimate can be made of a part; there is no price then."
    )
    reason: str | None = Field(
        None, description="Why there is no price: the parts without an estimate, by number from 0."
    )
    currency: str = Field(description="ISO 4217.")
    shop_version: str = Field(description="Names the shop file and presets behind it.")
    interval: float = Field(
        description="The share of parts whose figures lie between `low` and `high`; of orders at "
        "least as many do."
    )
    price: AmountRange | None = Field(None, description="Of the whole order, tax and all.")
    lead_time_days: DaysRange | None = Field(None, description="Days until it would be ready.")
    plates: list[PackedPlateFacts] | None = Field(None, description="The plates of the order.")
    parts: list[EstimatedPart] = Field(description="In the order of the request.")
    warnings: list[WarningFact] = Field(description="What to know about the whole order.")
    timing_ms: OptionsTiming = Field(description="How long it took, in ms.")

"""The JSON of many prices of one part: a model, and up to 24 ways to print it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from pricing_fdm.order_request import OrderRequest
from pricing_fdm.web.estimate_schemas import EstimateResponse
from pricing_fdm.web.fields import FilePart, FileUrl
from pricing_fdm.web.problem_schemas import Problem
from pricing_fdm.web.schemas import QuoteResponse

MOST_VARIANTS = 24


class Variant(OrderRequest):
    """One way to print the model, and how many of it."""


class Variants(BaseModel):
    """In which ways to price a model."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    variants: list[Variant] = Field(
        min_length=1,
        max_length=MOST_VARIANTS,
        description="The ways to print it. Equal ones may be among them.",
    )


class OptionsRequest(Variants):
    """What to price, and in which ways."""

    file_url: FileUrl


class OptionsForm(Variants):
    """A form with the model, and the variants as JSON text."""

    file: FilePart


class Option(BaseModel):
    """The price of one variant, its estimate, or why it has none: exactly one of the three."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    quote: QuoteResponse | None = Field(None, description="The body of a single quote.")
    estimate: EstimateResponse | None = Field(
        None, description="The body of a single estimate, with `estimate=true`."
    )
    problem: Problem | None = Field(
        None, description="The body that a single quote would have been refused with."
    )


class OptionsTiming(BaseModel):
    """Milliseconds; each quote tells its own, which begin with the request, too."""

    download: float = Field(description="ms.")
    total: float = Field(description="ms; from the request to the answer.")

    @classmethod
    def of(cls, timing_ms: Mapping[str, float]) -> Self:
        """Of a request's stages."""
        return cls(download=round(timing_ms["download"], 2), total=round(timing_ms["total"], 2))


class OptionsResponse(BaseModel):
    """A price, an estimate, or the reason why there is none, for each variant."""

    options: list[Option] = Field(
        min_length=1, max_length=MOST_VARIANTS, description="In the order of the variants."
    )
    timing_ms: OptionsTiming = Field(description="How long it took, in ms.")

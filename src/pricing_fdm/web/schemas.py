"""The JSON of a quote and of its request, as models that also describe themselves for OpenAPI."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, field_validator, model_validator

from pricing_fdm.model import WARNING_CODES, Complexity, Orientation, Rotation, Supports
from pricing_fdm.order_request import OrderRequest
from pricing_fdm.pricing.review import REASONS
from pricing_fdm.shop.catalogue import CustomerLine
from pricing_fdm.web.fields import IN_USD, Amount, Figure, FilePart, FileUrl, Usd, one_of


class ModelSource(BaseModel):
    """Where a model is: at a URL, or in an upload."""

    file_url: FileUrl | None = Field(None, description="Presigned http(s) URL of the model.")
    upload_id: str | None = Field(
        None,
        pattern="^[0-9A-Za-z-]{1,64}$",
        description="Of an upload, as `/v1/uploads` or `/v1/upload` answered it, in place of the "
        "URL.",
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.file_url is None) == (self.upload_id is None):
            raise ValueError("exactly one of file_url, upload_id is needed")
        return self


class QuoteRequest(OrderRequest):
    """What to price."""

    file_url: FileUrl


class QuoteForm(OrderRequest):
    """A form with the model, and the other fields as text."""

    file: FilePart


class BreakdownLine(BaseModel):
    """One line of the bill; the lines add up to the total."""

    code: str = Field(description="That of the line in `price`; of a speed `rush`.")
    label: str = Field(description="For people.")
    amount_usd: Usd = Field(description="US dollars.")


class ModelFacts(BaseModel):
    """What the uploaded model is."""

    sha256: str = Field(description="Of the file, in hexadecimal.")
    bytes: int = Field(description="Size of the file.")
    format: str = Field(description="`stl-binary`, `stl-ascii`, `3mf`, `obj` or `step`.")
    triangles: int = Field(description="How many, as read.")
    bodies: int = Field(description="Solids that do not touch.")
    watertight: bool = Field(description="Whether the surface is closed.")
    dimensions_mm: tuple[float, float, float] = Field(description="As the file has it.")
    volume_cm3: float = Field(description="Of the part, in cm3.")
    surface_cm2: float = Field(description="Of the part, in cm2.")


class PrintPlan(BaseModel):
    """How it would be printed, as far as that is known without a slice."""

    material: str = Field(description="The material by its id.")
    infill: int = Field(description="Percent.")
    layer_thickness: int = Field(description="Micrometres.")
    supports: Supports = Field(description="As asked for.")
    orientation: Orientation = Field(description="As asked for.")
    rotation: Rotation = Field(
        description="Rows of the matrix that turns the file's axes into the printer's."
    )
    dimensions_mm: tuple[float, float, float] = Field(description="As it stands on the bed.")


class PrintFacts(PrintPlan):
    """How it would be printed."""

    complexity: Complexity = Field(description="By our own measure of shape and mesh.")
    filament_length_m: Figure = Field(description="Metres, for one part.")
    support_weight_g: Figure | None = Field(
        None, description="Left out where the slicer does not tell."
    )
    layers: int = Field(description="As printed, with those that hold support only.")


class EngineFacts(BaseModel):
    """Which slicer and which profiles gave the figures."""

    name: Annotated[str, one_of(("orca", "prusa"))] = Field(description="The slicer.")
    version: str = Field(description="Of the slicer.")
    profile_hash: str = Field(description="Names the presets that were used.")


class PassedOverFact(BaseModel):
    """A printer before the chosen one in the shop's order of preference."""

    id: str = Field(description="The printer's.")
    reason: str = Field(description="Why it is not the one, in a sentence.")


class PrinterFacts(BaseModel):
    """On which printer the part is printed."""

    id: str = Field(description="As in the shop.")
    name: str = Field(description="For people.")
    passed_over: list[PassedOverFact] = Field(
        description="With `printer: auto`: those that the shop prefers, and why it is none of them."
    )


class WarningFact(BaseModel):
    """Something to know about this quote."""

    code: Annotated[str, one_of(WARNING_CODES)] = Field(description="Stable; see the errors page.")
    message: str = Field(description="For people.")
    figures: dict[str, float | int | str] = Field(
        description="The same in figures, with units in their names."
    )
    places: list[tuple[float, float, float]] | None = Field(
        None, description="Points of the file that it is about; left out where none are known."
    )

    @field_validator("places", mode="before")
    @classmethod
    def _some(cls, value: object) -> object:
        return value or None


class PriceLine(BaseModel):
    """One line of the price."""

    code: str = Field(
        description="`material`, `machine`, `base_fee`, `margin`; where they apply `handling`, "
        "`support_removal`, `finish:<id>`, `colour`, `material_factor`, `complexity`, `speed`, "
        "`quantity_discount`, `minimum`, `price_ending`, `rounding`, `tax`."
    )
    label: str = Field(description="For people.")
    amount: Amount = Field(description="In the shop's currency.")
    public: bool = Field(description="Whether it is for customers to see.")


class CustomerLineFact(BaseModel):
    """One line of the price as customers see it."""

    code: Annotated[str, one_of(CustomerLine)] = Field(
        description="`print`: all that no other holds; `setup`, `finish`, `speed`, `discount`, "
        "`minimum`, `tax`, as far as the shop shows them and there are any."
    )
    label: str = Field(description="For people.")
    amount: Amount = Field(description="In the shop's currency.")


class PriceFacts(BaseModel):
    """The price in the shop's currency, as text with its decimals."""

    total: Amount = Field(description="Of the order, tax and all.")
    unit: Amount = Field(description="The total divided by the quantity.")
    net: Amount = Field(description="Without the tax.")
    tax: Amount = Field(description="0 where the shop has none.")
    lines: list[PriceLine] = Field(description="Add up to the total.")
    customer_lines: list[CustomerLineFact] = Field(
        description="Add up to the total as well: what customers see of it."
    )


class PlateFacts(BaseModel):
    """Copies that are printed together."""

    copies: int = Field(description="On one plate.")
    times: int = Field(description="How many such plates.")
    print_time_hours: Figure = Field(description="Of one plate.")
    filament_weight_g: Figure = Field(description="Of one plate.")
    overhead_g: Figure | None = Field(
        None,
        description="Of that, what is no part's: purge lines, skirts, brims. Left out where the "
        "G-code does not tell.",
    )
    overhead_s: Figure | None = Field(
        None,
        description="Of its time, what is no part's, in seconds: start and end G-code, skirts, "
        "brims, by the lengths and speeds of their moves. Left out where the G-code does not tell.",
    )


class ReviewReason(BaseModel):
    """Why a person should look at the quote."""

    code: Annotated[str, one_of((*REASONS, *WARNING_CODES))] = Field(
        description="`total_above`, `print_hours_above`, `support_share_above`, or that of a "
        "warning."
    )
    message: str = Field(description="For people.")
    figures: dict[str, Figure | str] = Field(
        description="The same in figures, with units in their names."
    )


class ReviewFacts(BaseModel):
    """Whether a person should look before the price binds."""

    required: bool = Field(description="Whether there is a reason.")
    reasons: list[ReviewReason] = Field(description="All of them.")


class Timing(BaseModel):
    """Milliseconds of each stage; they add up to the total.

    A stage that was not reached, since the figures were remembered, took none.
    """

    download: float = Field(0.0, description="ms; of an upload: receiving it.")
    inspect: float = Field(0.0, description="ms; reading and judging the model.")
    queue: float = Field(0.0, description="ms; waiting for a slot.")
    slice: float = Field(0.0, description="ms; in the slicer.")
    extract: float = Field(0.0, description="ms; reading the G-code.")
    total: float = Field(description="ms; from the request to the answer.")


class QuoteResponse(BaseModel):
    """A quote."""

    quote_id: UUID = Field(description="Names the quote, here and in the log.")
    total_usd: Usd | None = Field(None, description=IN_USD)
    material_cost_usd: Usd | None = Field(None, description=IN_USD)
    machine_cost_usd: Usd | None = Field(None, description=IN_USD)
    base_fee_usd: Usd | None = Field(None, description=IN_USD)
    lead_time_days: int = Field(description="Days until the order is ready.")
    print_time_hours: Figure = Field(description="Of one part.")
    filament_weight_g: Figure = Field(description="Of one part.")
    volume_cm3: Figure = Field(description="Of the filament of one part.")
    quantity: int = Field(description="Copies.")
    unit_usd: Usd | None = Field(None, description=IN_USD)
    breakdown: list[BreakdownLine] | None = Field(None, description=IN_USD)
    currency: str = Field(description="ISO 4217.")
    price: PriceFacts = Field(description="The price of the order, line by line.")
    plates: list[PlateFacts] = Field(description="The plates of the order.")
    shop_version: str = Field(description="Names the shop file and presets behind the quote.")
    valid_until: dt.date = Field(description="The last day on which the price holds.")
    review: ReviewFacts = Field(description="Whether a person should look first.")
    model: ModelFacts = Field(description="What the file holds.")
    print: PrintFacts = Field(description="How it is printed.")
    printer: PrinterFacts = Field(description="Where it is printed.")
    engine: EngineFacts = Field(description="What it was sliced with.")
    warnings: list[WarningFact] = Field(description="What to know about this quote.")
    timing_ms: Timing = Field(description="How long it took, in ms.")
    cached: bool = Field(description="Whether the figures were known already.")

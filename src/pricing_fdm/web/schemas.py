"""The JSON of a quote and its answers, as models that also describe themselves for OpenAPI.

Money goes out as JSON numbers: a `Decimal` of two decimals becomes the `float` that prints the
same, here and nowhere before.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, PlainSerializer, field_validator

from pricing_fdm.model import Complexity, Orientation, Rotation, Supports
from pricing_fdm.order_request import OrderRequest

Url = Annotated[str, Field(min_length=1, max_length=4096, json_schema_extra={"format": "uri"})]
FileUrl = Annotated[
    Url,
    Field(
        description="Presigned http(s) URL of the model.",
        examples=["https://storage.example.com/models/bracket.stl?X-Amz-Signature=..."],
    ),
]


FilePart = Annotated[
    str,
    Field(
        description="The model.",
        json_schema_extra={"contentMediaType": "application/octet-stream"},
    ),
]
"""Of a form; for the description only, `form` reads it."""


class QuoteRequest(OrderRequest):
    """What to price."""

    file_url: FileUrl


class QuoteForm(OrderRequest):
    """A form with the model, and the other fields as text."""

    file: FilePart


Figure = Annotated[Decimal, PlainSerializer(float, return_type=float)]
Usd = Figure

_IN_USD = "There when the currency is USD."


Amount = Annotated[
    Decimal, PlainSerializer("{:f}".format, return_type=str), Field(examples=["59.15"])
]


class BreakdownLine(BaseModel):
    """One line of the bill; the lines add up to the total."""

    code: str = Field(description="That of the line in `price`; of a speed `rush`.")
    label: str
    amount_usd: Usd


class ModelFacts(BaseModel):
    """What the uploaded model is."""

    sha256: str
    bytes: int
    format: str
    triangles: int
    bodies: int
    watertight: bool
    dimensions_mm: tuple[float, float, float] = Field(description="As the file has it.")
    volume_cm3: float
    surface_cm2: float


class PrintFacts(BaseModel):
    """How it would be printed."""

    material: str
    infill: int
    layer_thickness: int
    supports: Supports
    orientation: Orientation
    rotation: Rotation = Field(
        description="Rows of the matrix that turns the file's axes into the printer's."
    )
    dimensions_mm: tuple[float, float, float] = Field(description="As it stands on the bed.")
    complexity: Complexity
    filament_length_m: Figure
    support_weight_g: Figure | None = Field(
        None, description="Left out where the slicer does not tell."
    )
    layers: int = Field(description="As printed, with those that hold support only.")


class EngineFacts(BaseModel):
    """Which slicer and which profiles gave the figures."""

    name: str = Field(description="`orca` or `prusa`.")
    version: str
    profile_hash: str


class PassedOverFact(BaseModel):
    """A printer before the chosen one in the shop's order of preference."""

    id: str
    reason: str


class PrinterFacts(BaseModel):
    """On which printer the part is printed."""

    id: str
    name: str
    passed_over: list[PassedOverFact] = Field(
        description="With `printer: auto`: those that the shop prefers, and why it is none of them."
    )


class WarningFact(BaseModel):
    """Something to know about this quote."""

    code: str
    message: str
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
    label: str
    amount: Amount
    public: bool = Field(description="Whether it is for customers to see.")


class CustomerLineFact(BaseModel):
    """One line of the price as customers see it."""

    code: str = Field(
        description="`print`: all that no other holds; `setup`, `finish`, `speed`, `discount`, "
        "`minimum`, `tax`, as far as the shop shows them and there are any."
    )
    label: str
    amount: Amount


class PriceFacts(BaseModel):
    """The price in the shop's currency, as text with its decimals."""

    total: Amount
    unit: Amount = Field(description="The total divided by the quantity.")
    net: Amount = Field(description="Without the tax.")
    tax: Amount
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


class ReviewReason(BaseModel):
    """Why a person should look at the quote."""

    code: str = Field(
        description="`total_above`, `print_hours_above`, `support_share_above`, or that of a "
        "warning."
    )
    message: str
    figures: dict[str, Figure | str]


class ReviewFacts(BaseModel):
    """Whether a person should look before the price binds."""

    required: bool
    reasons: list[ReviewReason]


class Timing(BaseModel):
    """Milliseconds of each stage; they add up to the total.

    A stage that was not reached, since the figures were remembered, took none.
    """

    download: float = 0.0
    inspect: float = 0.0
    queue: float = 0.0
    slice: float = 0.0
    extract: float = 0.0
    total: float


class QuoteResponse(BaseModel):
    """A quote."""

    quote_id: UUID
    total_usd: Usd | None = Field(None, description=_IN_USD)
    material_cost_usd: Usd | None = Field(None, description=_IN_USD)
    machine_cost_usd: Usd | None = Field(None, description=_IN_USD)
    base_fee_usd: Usd | None = Field(None, description=_IN_USD)
    lead_time_days: int
    print_time_hours: Figure = Field(description="Of one part.")
    filament_weight_g: Figure = Field(description="Of one part.")
    volume_cm3: Figure = Field(description="Of the filament of one part.")
    quantity: int
    unit_usd: Usd | None = Field(None, description=_IN_USD)
    breakdown: list[BreakdownLine] | None = Field(None, description=_IN_USD)
    currency: str = Field(description="ISO 4217.")
    price: PriceFacts
    plates: list[PlateFacts]
    shop_version: str = Field(description="Names the shop file and presets behind the quote.")
    valid_until: dt.date = Field(description="The last day on which the price holds.")
    review: ReviewFacts
    model: ModelFacts
    print: PrintFacts
    printer: PrinterFacts
    engine: EngineFacts
    warnings: list[WarningFact]
    timing_ms: Timing
    cached: bool


class FieldProblem(BaseModel):
    """One wrong field."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(description="Where the code is explained, on this server.")
    title: str = Field(description="The code in words.")
    status: int
    detail: str = Field(description="What failed, and how to mend it.")
    code: str = Field(description="Stable; what a program should look at.")
    request_id: str = Field(description="As in the header `X-Request-ID` and in our log.")
    errors: list[FieldProblem] | None = Field(
        None, description="The wrong fields; left out where there are none."
    )
    places: list[tuple[float, float, float]] | None = Field(
        None, description="Points of the file that it is about; left out where none are known."
    )


class MaterialFact(BaseModel):
    """One filament on offer."""

    name: str
    cost_usd_per_g: Usd | None = Field(None, description=_IN_USD)
    density_g_cm3: Figure


class LayerThicknessFact(BaseModel):
    """One layer height on offer."""

    value: int = Field(description="Micrometres.")
    name: str


class Range(BaseModel):
    """The values allowed, ends included."""

    min: int
    max: int


class BuildVolumeFact(BaseModel):
    """The printer's box in mm."""

    x: float
    y: float
    z: float


class MaterialsResponse(BaseModel):
    """What a form needs to offer."""

    materials: list[MaterialFact]
    layer_thicknesses: list[LayerThicknessFact]
    infill_percent: Range
    quantity: Range
    build_volume_mm: BuildVolumeFact


class CheckFact(BaseModel):
    """One readiness check."""

    ok: bool
    needed: bool = Field(description="Whether the service is ready only when this is `ok`.")
    detail: str | None = Field(
        None, description="What was found; where there is a token, only for those who send it."
    )


class ReadyResponse(BaseModel):
    """Whether quotes are answered, and why not."""

    ready: bool
    checks: dict[str, CheckFact]

"""The JSON of the shop: what a form needs to offer. What it costs the shop is not in it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field, PlainSerializer

from pricing_fdm.web.schemas import BuildVolumeFact, Range

_Text = Annotated[Decimal, PlainSerializer(str, return_type=str)]
"""An amount or a factor; written as text, so that no digit is lost."""


class PrinterFact(BaseModel):
    """A printer."""

    id: str
    name: str
    build_volume_mm: BuildVolumeFact
    nozzle_mm: float


class QualityFact(BaseModel):
    """A way to print."""

    id: str
    name: str
    layer_thickness: int = Field(description="Micrometres.")
    printers: list[str] = Field(description="The printers that have it, by their ids.")


class ColourFact(BaseModel):
    """A colour, or another variant, of a material."""

    id: str
    name: str
    hex: str
    surcharge_percent: _Text = Field(description="Of the material's cost.")


class ShopMaterialFact(BaseModel):
    """A filament."""

    id: str
    name: str
    description: str
    density_g_cm3: float
    printers: list[str] = Field(description="The printers that have it, by their ids.")
    colours: list[ColourFact]


class FinishFact(BaseModel):
    """Work on the printed part; what it costs adds up."""

    id: str
    name: str
    materials: list[str]
    per_part: _Text
    per_cm2: _Text
    per_order: _Text
    days: int
    max_dimensions_mm: tuple[float, float, float] | None


class SpeedFact(BaseModel):
    """A faster delivery."""

    id: str
    name: str
    factor: _Text
    days_factor: _Text


class NumberRange(BaseModel):
    """The numbers that may be given, ends included."""

    min: float
    max: float


class ShopResponse(BaseModel):
    """What the shop offers."""

    name: str
    shop_version: str
    currency: str
    currency_decimals: int
    printers: list[PrinterFact]
    qualities: list[QualityFact]
    materials: list[ShopMaterialFact]
    finishes: list[FinishFact]
    speeds: list[SpeedFact]
    overrides: dict[str, NumberRange | list[str]] = Field(
        description="Settings of the slicer that a request may change, by OrcaSlicer's keys: a "
        "range, or the words that may be given."
    )
    infill_percent: Range
    quantity: Range


class ReloadResponse(BaseModel):
    """How a reload ended."""

    shop_version: str
    result: str = Field(description="`loaded` or `unchanged`.")
    warnings: list[str] = Field(description="What works and is probably not meant.")

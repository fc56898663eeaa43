"""The JSON of the shop: what a form needs to offer. What it costs the shop is not in it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field, PlainSerializer

from pricing_fdm.web.fields import one_of

_Text = Annotated[Decimal, PlainSerializer(str, return_type=str)]
"""An amount or a factor; written as text, so that no digit is lost."""


class Range(BaseModel):
    """The values allowed, ends included."""

    min: int = Field(description="The least.")
    max: int = Field(description="The most.")


class BuildVolumeFact(BaseModel):
    """The printer's box in mm."""

    x: float = Field(description="mm.")
    y: float = Field(description="mm.")
    z: float = Field(description="mm, upwards.")


class Choice(BaseModel):
    """Something that a request can choose."""

    id: str = Field(description="As a request gives it.")
    name: str = Field(description="For people.")


class PrinterFact(Choice):
    """A printer."""

    build_volume_mm: BuildVolumeFact = Field(description="What fits.")
    nozzle_mm: float = Field(description="Diameter in mm.")


class QualityFact(Choice):
    """A way to print."""

    layer_thickness: int = Field(description="Micrometres.")
    printers: list[str] = Field(description="The printers that have it, by their ids.")


class ColourFact(Choice):
    """A colour, or another variant, of a material."""

    hex: str = Field(description="As in `#c9a227`.")
    surcharge_percent: _Text = Field(description="Of the material's cost.")


class ShopMaterialFact(Choice):
    """A filament."""

    description: str = Field(description="What it is good for.")
    density_g_cm3: float = Field(description="g/cm3.")
    printers: list[str] = Field(description="The printers that have it, by their ids.")
    colours: list[ColourFact] = Field(description="None: there is no choice.")


class FinishFact(Choice):
    """Work on the printed part; what it costs adds up."""

    materials: list[str] = Field(description="The materials that it is for, by their ids.")
    per_part: _Text = Field(description="In the shop's currency.")
    per_cm2: _Text = Field(description="In the shop's currency, per cm2 of the model's surface.")
    per_order: _Text = Field(description="In the shop's currency.")
    days: int = Field(description="Added to the lead time.")
    max_dimensions_mm: tuple[float, float, float] | None = Field(
        None, description="The largest part, in mm."
    )


class SpeedFact(Choice):
    """A faster delivery."""

    factor: _Text = Field(description="Of the price.")
    days_factor: _Text = Field(description="Of the lead time.")


class NumberRange(BaseModel):
    """The numbers that may be given, ends included."""

    min: float = Field(description="The least.")
    max: float = Field(description="The most.")


class ShopResponse(BaseModel):
    """What the shop offers."""

    name: str = Field(description="Of the shop.")
    shop_version: str = Field(description="Names the shop file and its presets.")
    logo: str | None = Field(None, description="Where this server has the shop's picture.")
    currency: str = Field(description="ISO 4217.")
    currency_decimals: int = Field(description="How many its amounts have.")
    printers: list[PrinterFact] = Field(description="In order of preference.")
    qualities: list[QualityFact] = Field(description="In the file's order.")
    materials: list[ShopMaterialFact] = Field(description="In the file's order.")
    finishes: list[FinishFact] = Field(description="In the file's order.")
    speeds: list[SpeedFact] = Field(description="In the file's order.")
    overrides: dict[str, NumberRange | list[str]] = Field(
        description="Settings of the slicer that a request may change, by OrcaSlicer's keys: a "
        "range, or the words that may be given."
    )
    infill_percent: Range = Field(description="Percent.")
    quantity: Range = Field(description="Copies.")
    estimates: bool = Field(description="Whether this server estimates prices.")


class ReloadResponse(BaseModel):
    """How a reload ended."""

    shop_version: str = Field(description="Of the shop in force.")
    result: Annotated[str, one_of(("loaded", "unchanged"))] = Field(description="What came of it.")
    warnings: list[str] = Field(description="What works and is probably not meant.")

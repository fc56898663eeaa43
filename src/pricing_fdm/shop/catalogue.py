"""What a shop offers: printers, qualities, materials with their colours, finishes, and all of it.

The fields have the names of the keys in `shop.toml`, and the JSON Schema of the file is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, PrivateAttr, Tag, model_validator

from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.pricing.money import smallest_unit
from pricing_fdm.pricing.price_ending import PriceEnding
from pricing_fdm.shop.faults import Fault
from pricing_fdm.shop.tariff import LeadTime, QuoteTerms, Review, Tariff
from pricing_fdm.shop.values import (
    Amount,
    Count,
    CurrencyCode,
    Entry,
    FileName,
    Hex,
    Id,
    LayerThickness,
    Measure,
    Percent,
    Picture,
    Text,
    minor_digits,
)

_LADDER_DIGITS = 2
_SECONDS_PER_MINUTE = 60

RANGE, CHOICES = "range", "choices"
"""How pydantic names the two kinds of `Override` where it says that one is wrong."""

Presets = Annotated[
    Mapping[Id, FileName],
    Field(min_length=1, description="For each printer that can do it, the preset's file."),
]


class Printer(Entry):
    """A kind of machine. The order of the file is the order of preference."""

    id: Id
    name: Text
    engine: Literal["orca", "prusa"] | None = Field(
        None, description="The slicer for it; left out: the service's."
    )
    preset: FileName
    count: Count = Field(1, description="How many machines of this kind there are.")
    rate_per_hour: Amount | None = Field(
        None, description="Left out: the tariff's machine_rate_per_hour."
    )
    heat_up_minutes: Measure = Field(
        Decimal(0), description="Of each plate, where the slicer's time does not hold it."
    )

    @property
    def heat_up_s(self) -> Decimal:
        """The same in seconds."""
        return EXACT.multiply(self.heat_up_minutes, _SECONDS_PER_MINUTE)


class Quality(Entry):
    """A way to print."""

    id: Id
    name: Text
    layer_thickness: LayerThickness
    presets: Presets


class Colour(Entry):
    """A colour, or another variant, of a material."""

    id: Id
    name: Text
    hex: Hex
    surcharge_percent: Percent = Field(Decimal(0), description="Of the material's cost.")


class Material(Entry):
    """A filament."""

    id: Id
    name: Text
    description: str = ""
    cost_per_kg: Amount | None = Field(None, description="This or cost_per_g.")
    cost_per_g: Amount | None = None
    presets: Presets
    colours: tuple[Colour, ...] = ()

    @model_validator(mode="after")
    def _one_cost(self) -> Self:
        if (self.cost_per_kg is None) == (self.cost_per_g is None):
            raise ValueError("give one of cost_per_kg and cost_per_g")
        return self

    @property
    def gram_cost(self) -> Decimal:
        """What one gram costs; exact, since a thousandth always is."""
        if self.cost_per_g is not None:
            return self.cost_per_g
        assert self.cost_per_kg is not None  # noqa: S101 - `_one_cost`
        return EXACT.scaleb(self.cost_per_kg, -3)


class Finish(Entry):
    """Work on the printed part. What it costs per part, per surface and per order adds up."""

    id: Id
    name: Text
    materials: tuple[Id, ...] | None = Field(None, description="Left out: all.")
    per_part: Amount = Decimal(0)
    per_cm2: Amount = Field(Decimal(0), description="Of the model's surface.")
    per_order: Amount = Decimal(0)
    days: Annotated[int, Field(strict=True, ge=0, le=365)] = 0
    max_dimensions_mm: tuple[Measure, Measure, Measure] | None = None


class Bounds(Entry):
    """The numbers that a request may give for a setting, ends included."""

    min: float
    max: float

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min > self.max:
            raise ValueError("min is above max")
        return self


def _kind_of_override(value: object) -> str:
    return RANGE if isinstance(value, dict | Bounds) else CHOICES


Override = Annotated[
    Annotated[Bounds, Tag(RANGE)] | Annotated[tuple[Text, ...], Tag(CHOICES)],
    Discriminator(_kind_of_override),
]
"""What a request may give for a setting: `{ min = 2, max = 6 }`, or a list of words."""


class CustomerLine(StrEnum):
    """What a customer may see of a price; the lines of a price are of one of these or of none."""

    PRINT = "print"
    FINISH = "finish"
    SETUP = "setup"
    SPEED = "speed"
    DISCOUNT = "discount"
    MINIMUM = "minimum"
    TAX = "tax"


class Customer(Entry):
    """What customers see. Margin and rounding are never among it."""

    lines: tuple[CustomerLine, ...] = tuple(CustomerLine)
    logo: Picture | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of a shop beside the content of its file.

    Attributes:
        folder: Where the files are that it refers to.
        version: Short hash over the shop file and every file that it refers to, and over what
            outweighs them.
        warnings: What works and is probably not meant.
        files_version: The same over the files alone, which names a stored version.
        stored: Whether it is a stored version, and not what lies in the folder.
    """

    folder: Path = Path()
    version: str = ""
    warnings: tuple[Fault, ...] = ()
    files_version: str = ""
    stored: bool = False


class Shop(Entry):
    """The whole shop file."""

    format: Literal[1] = Field(alias="schema")
    name: Text
    currency: CurrencyCode
    printers: Annotated[tuple[Printer, ...], Field(min_length=1)]
    qualities: Annotated[tuple[Quality, ...], Field(min_length=1)]
    materials: Annotated[tuple[Material, ...], Field(min_length=1)]
    finishes: tuple[Finish, ...] = ()
    tariff: Tariff
    lead_time: LeadTime = LeadTime()
    review: Review = Review()
    quote: QuoteTerms = QuoteTerms()
    customer: Customer = Customer()
    overrides: Mapping[Text, Override] = Field(
        {}, description="Slicer settings that a request may change, and within what."
    )
    _origin: Origin = PrivateAttr(Origin())

    @model_validator(mode="after")
    def _decimals_suffice(self) -> Self:
        step = self.tariff.rounding_step
        if step is not None and EXACT.remainder(step, smallest_unit(self.minor_digits)):
            raise ValueError(f"tariff.rounding_step is less than what {self.currency} can pay")
        if self.tariff.ending is not PriceEnding.NONE and self.minor_digits != _LADDER_DIGITS:
            raise ValueError("tariff.ending: a ladder needs a currency of two decimals")
        return self

    def read_from(self, origin: Origin) -> Self:
        """The same shop, knowing where its files are."""
        shop = self.model_copy()
        shop._origin = origin  # noqa: SLF001 - its own
        return shop

    @property
    def folder(self) -> Path:
        """Where the files are that the shop refers to."""
        return self._origin.folder

    @property
    def version(self) -> str:
        """Short hash over the shop file, every file that it refers to, and what outweighs them."""
        return self._origin.version

    @property
    def files_version(self) -> str:
        """Short hash over the files alone, which names a stored version."""
        return self._origin.files_version

    @property
    def stored(self) -> bool:
        """Whether it is a stored version, and not what lies in the shop's folder."""
        return self._origin.stored

    @property
    def origin(self) -> Origin:
        """What is known of it beside the content of its file."""
        return self._origin

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What works and is probably not meant."""
        return self._origin.warnings

    @property
    def minor_digits(self) -> int:
        """Decimals of the currency."""
        return minor_digits(self.currency)

    def printer(self, printer_id: str) -> Printer:
        """The printer of this id; it is there."""
        return next(each for each in self.printers if each.id == printer_id)

    def quality(self, quality_id: str) -> Quality:
        """The quality of this id; it is there."""
        return next(each for each in self.qualities if each.id == quality_id)

    def material(self, material_id: str) -> Material:
        """The material of this id; it is there."""
        return next(each for each in self.materials if each.id == material_id)

    def machine_rate(self, printer_id: str) -> Decimal:
        """What an hour on this printer costs."""
        rate = self.printer(printer_id).rate_per_hour
        return self.tariff.machine_rate_per_hour if rate is None else rate

    def file_names(self) -> list[str]:
        """Every file that the shop refers to, by its path from `folder`."""
        presets = [each.presets for each in self.qualities]
        presets += [each.presets for each in self.materials]
        names = {name for each in presets for name in each.values()}
        names.update(printer.preset for printer in self.printers)
        return sorted(names | ({self.customer.logo} if self.customer.logo else set()))

"""What a caller may ask of a print, described once.

Derived from `OrderRequest`: the JSON bodies, the form, the options of `pricing-fdm quote`, the
record of a job in the queue, and the OpenAPI document. A new field is added here, in `model.Order`,
and where it is used.

What there is to choose from is the shop's. A request that is validated with `in_shop(shop)` as its
context has all its faults named at once; `order` checks it again, for the shop may be another by
then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic.config import JsonDict, JsonValue

from pricing_fdm.errors import FieldFault, InvalidRequest
from pricing_fdm.model import (
    AUTO_PRINTER,
    Order,
    Orientation,
    PrintQuality,
    PrintSettings,
    Supports,
    Unit,
)
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.offer import chosen_quality, offer_fault

_SHOP = "shop"
_T = TypeVar("_T")


def in_shop(shop: Shop) -> dict[str, Shop]:
    """The context with which a request is validated."""
    return {_SHOP: shop}


def shop_of(info: ValidationInfo) -> Shop | None:
    """The shop that a request is validated for, if it is told."""
    return (info.context or {}).get(_SHOP)


def _lower(value: object) -> object:
    """Names of materials count in any case."""
    return value.lower() if isinstance(value, str) else value


def _whole_number(value: object, info: ValidationInfo) -> object:
    """True and 200.0 are no layer thickness."""
    if value is None or type(value) is int:
        return value
    shop = shop_of(info)
    if shop is None:
        raise ValueError("Input should be a valid integer")
    allowed = dict.fromkeys(str(each.layer_thickness) for each in shop.qualities)
    raise ValueError(f"Input should be one of the integers {', '.join(allowed)}")


# The fields that some requests must state and others may leave out.
Name = Annotated[str, Field(max_length=64)]
MaterialName = Annotated[
    Name, BeforeValidator(_lower), Field(description="Filament, in upper or lower case.")
]
Infill = Annotated[int, Field(ge=10, le=100, description="Infill density in percent.")]


def one_of_each(*choices: tuple[str, str]) -> JsonDict:
    """For the description: exactly one field of each pair.

    Within `allOf`, for generators of clients take a bare `oneOf` for a choice of two types.
    """
    pairs: list[JsonValue] = [
        {"oneOf": [{"required": [each]} for each in pair]} for pair in choices
    ]
    return {"allOf": pairs}


class OfShop(BaseModel):
    """A request whose fields are those of a shop.

    An unknown field, a number in quotes or a NaN is the caller's mistake and is named.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @field_validator("*", check_fields=False)
    @classmethod
    def _is_offered(cls, value: object, info: ValidationInfo) -> object:
        shop = shop_of(info)
        fault = shop and offer_fault(str(info.field_name), value, info.data, shop)
        if fault:
            raise ValueError(fault)
        return value


class SpeedRequest(OfShop):
    """How soon."""

    speed: Name | None = Field(
        None,
        description="A faster delivery by its id, for more; in the queue done before the others.",
    )
    rush: bool = Field(
        default=False,
        description="The first `speed` of the shop.",
    )

    def chosen_speed(self, shop: Shop) -> str | None:
        """The id of the speed."""
        return self.speed or (shop.tariff.speeds[0].id if self.rush else None)


class PartRequest(OfShop):
    """How to print a part, and how many."""

    model_config = ConfigDict(json_schema_extra=one_of_each(("layer_thickness", "quality")))

    default_layer_thickness: ClassVar[int | None] = None
    """Of a request that names no quality, or the shop's first; None where it must name one."""

    material: MaterialName
    infill: Infill
    quality: Name | None = Field(
        None, description="The quality by its id, instead of `layer_thickness`."
    )
    layer_thickness: Annotated[int | None, BeforeValidator(_whole_number)] = Field(
        None,
        validate_default=True,
        description="Layer height in micrometres, that of one of the shop's qualities.",
    )
    printer: Name = Field(
        AUTO_PRINTER,
        validate_default=True,
        description="The printer by its id; `auto`: the first that has the material and the "
        "quality and that the part fits.",
    )
    colour: Name | None = Field(None, description="A colour of the material by its id.")
    finishes: list[Name] = Field([], max_length=20, description="Work on the printed part, by ids.")
    quantity: int = Field(1, ge=1, le=10_000, description="How many copies.")
    supports: Supports = Field(
        Supports.AUTO,
        description="`auto`: where an experienced operator would use some; `never`; `always`.",
    )
    orientation: Orientation = Field(
        Orientation.AUTO,
        description="`auto`: turned for the least support, never to a pose that is worse by our "
        "own measure; `keep`: as it lies in the file.",
    )
    units: Unit = Field(
        Unit.MM, description="Unit of the coordinates, for formats that state none."
    )
    overrides: dict[Name, int | float | str] = Field(
        {}, max_length=50, description="Settings of the slicer, as far as the shop allows."
    )

    @field_validator("layer_thickness")
    @classmethod
    def _some_quality(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is None and "quality" in info.data and info.data["quality"] is None:
            if cls.default_layer_thickness is None:
                raise ValueError("Field required")
            shop = shop_of(info)
            offered = [each.layer_thickness for each in shop.qualities] if shop else []
            return usual(cls.default_layer_thickness, offered)
        return value

    def order(self, shop: Shop) -> Order:
        """The order as the pipeline takes it.

        Raises:
            InvalidRequest: The shop does not offer it.
        """
        wanted = dict(self)
        found = [(name, offer_fault(name, value, wanted, shop)) for name, value in wanted.items()]
        if faults := tuple(FieldFault(name, fault) for name, fault in found if fault):
            names = ", ".join(sorted(fault.field for fault in faults))
            raise InvalidRequest(f"Wrong or missing: {names}.", faults)
        quality = chosen_quality(wanted, shop)
        assert quality is not None  # noqa: S101 - `_some_quality`, and it is offered
        return Order(
            print_settings=PrintSettings(
                self.material,
                self.infill,
                PrintQuality(quality.id, quality.layer_thickness),
                self.supports,
                _texts(self.overrides),
            ),
            quantity=self.quantity,
            unit=self.units,
            orientation=self.orientation,
            printer=self.printer,
            colour=self.colour,
            finishes=tuple(self.finishes),
        )


class OrderRequest(SpeedRequest, PartRequest):
    """How to print it, how many, and how soon."""

    def order(self, shop: Shop) -> Order:
        """The order as the pipeline takes it.

        Raises:
            InvalidRequest: The shop does not offer it.
        """
        return replace(super().order(shop), speed=self.chosen_speed(shop))

    def record(self) -> dict[str, Any]:
        """The order as the queue keeps it; `OrderRequest` reads it back.

        Defaults are written out, so that a worker of the next release prices what was asked of
        this one. Where the model is and whom to tell is no part of it.
        """
        return self.model_dump(mode="json", include=set(OrderRequest.model_fields))


def usual(value: _T, offered: Sequence[_T]) -> _T:
    """The value if it is offered, else the first that is."""
    return value if value in offered or not offered else offered[0]


def _texts(overrides: Mapping[str, int | float | str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, _text(value)) for name, value in overrides.items()))


def _text(value: float | str) -> str:
    """As a slicer writes it: 3 for 3.0."""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)

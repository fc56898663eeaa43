"""What a caller may ask of a print, described once.

Derived from `OrderRequest`: the JSON bodies, the form, the options of `pricing-fdm quote`, the
record of a job in the queue, and the OpenAPI document. A new field is added here, in `model.Order`,
and where it is used.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pricing_fdm.model import (
    LayerThickness,
    Material,
    Order,
    Orientation,
    PrintSettings,
    Supports,
    Unit,
)


def _lower(value: object) -> object:
    """Names of materials count in any case."""
    return value.lower() if isinstance(value, str) else value


def _whole_number(value: object) -> object:
    """An enum of integers would take 200.0 and True as well."""
    if type(value) is not int:
        allowed = ", ".join(str(each.value) for each in LayerThickness)
        raise ValueError(f"Input should be one of the integers {allowed}")
    return value


# The fields that some requests must state and others may leave out.
MaterialName = Annotated[
    Material, BeforeValidator(_lower), Field(description="Filament, in upper or lower case.")
]
Infill = Annotated[int, Field(ge=10, le=100, description="Infill density in percent.")]
Thickness = Annotated[
    LayerThickness,
    BeforeValidator(_whole_number),
    Field(description="Layer height in micrometres: 100 fine, 200 standard, 300 economy."),
]


class OrderRequest(BaseModel):
    """How to print it, and how many.

    An unknown field, a number in quotes or a NaN is the caller's mistake and is named.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    material: MaterialName
    infill: Infill
    layer_thickness: Thickness
    quantity: int = Field(1, ge=1, le=10_000, description="How many copies.")
    supports: Supports = Field(
        Supports.AUTO,
        description="`auto`: where the process profile's threshold says so; `never`; `always`.",
    )
    orientation: Orientation = Field(
        Orientation.AUTO,
        description="`auto`: turned for the least support, never to a pose that is worse by our "
        "own measure; `keep`: as it lies in the file.",
    )
    rush: bool = Field(
        default=False, description="Ready sooner, for more; in the queue done before the others."
    )
    units: Unit = Field(
        Unit.MM, description="Unit of the coordinates, for formats that state none."
    )

    def order(self) -> Order:
        """The order as the pipeline takes it."""
        return Order(
            print_settings=PrintSettings(
                self.material, self.infill, self.layer_thickness, self.supports
            ),
            quantity=self.quantity,
            unit=self.units,
            orientation=self.orientation,
            rush=self.rush,
        )

    def record(self) -> dict[str, Any]:
        """The order as the queue keeps it; `OrderRequest` reads it back.

        Defaults are written out, so that a worker of the next release prices what was asked of
        this one. Where the model is and whom to tell is no part of it.
        """
        return self.model_dump(mode="json", include=set(OrderRequest.model_fields))

"""The JSON of the routes about the service itself."""

from __future__ import annotations

from pydantic import BaseModel, Field

from pricing_fdm.web.fields import IN_USD, Figure, Usd
from pricing_fdm.web.shop_schemas import BuildVolumeFact, Range


class MaterialFact(BaseModel):
    """One filament on offer."""

    name: str = Field(description="The id, as a request gives it.")
    cost_usd_per_g: Usd | None = Field(None, description=IN_USD)
    density_g_cm3: Figure = Field(description="g/cm3.")


class LayerThicknessFact(BaseModel):
    """One layer height on offer."""

    value: int = Field(description="Micrometres.")
    name: str = Field(description="Of the quality.")


class MaterialsResponse(BaseModel):
    """What a form needs to offer."""

    materials: list[MaterialFact] = Field(description="Those of the shop.")
    layer_thicknesses: list[LayerThicknessFact] = Field(description="Those of the shop.")
    infill_percent: Range = Field(description="Percent.")
    quantity: Range = Field(description="Copies.")
    build_volume_mm: BuildVolumeFact = Field(description="Of the first printer.")


class CheckFact(BaseModel):
    """One readiness check."""

    ok: bool = Field(description="Whether it is good.")
    needed: bool = Field(description="Whether the service is ready only when this is `ok`.")
    detail: str | None = Field(
        None, description="What was found; where there is a token, only for those who send it."
    )


class ReadyResponse(BaseModel):
    """Whether quotes are answered, and why not."""

    ready: bool = Field(description="Whether quotes are answered.")
    checks: dict[str, CheckFact] = Field(description="By their names.")

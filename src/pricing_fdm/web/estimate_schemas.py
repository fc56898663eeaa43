"""The JSON of an estimate: ranges in place of figures, and what they rest on."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pricing_fdm.order_request import OrderRequest, one_of_each
from pricing_fdm.web.fields import Amount, Figure
from pricing_fdm.web.schemas import ModelFacts, ModelSource, PrinterFacts, PrintPlan, WarningFact


class EstimateRequest(OrderRequest, ModelSource):
    """What to estimate."""

    model_config = ConfigDict(
        json_schema_extra=one_of_each(("layer_thickness", "quality"), ("file_url", "upload_id"))
    )


class AmountRange(BaseModel):
    """An amount, and where it lies with the probability `interval`."""

    low: Amount = Field(description="In the shop's currency.")
    likely: Amount = Field(description="In the shop's currency.")
    high: Amount = Field(description="In the shop's currency.")


class FigureRange(BaseModel):
    """A figure, and where it lies with the probability `interval`."""

    low: Figure = Field(description="The lower end.")
    likely: Figure = Field(description="The best guess.")
    high: Figure = Field(description="The upper end.")


class TrainedOn(BaseModel):
    """The slices that a model was fitted to."""

    date: str = Field(description="When it was fitted.")
    slicer: str = Field(description="Whose figures it predicts.")
    labels: int = Field(description="Slices.")
    parts: int = Field(description="Different parts among them.")
    families: int = Field(description="Kinds of parts among these.")


class Basis(BaseModel):
    """What an estimate rests on."""

    model: str | None = Field(
        None, description="Name of the fitted model; left out where there is none for the slicer."
    )
    trained_on: TrainedOn | None = Field(None, description="What it was fitted to.")
    profile_hash: str = Field(description="Names the presets that a quote would be sliced with.")


class EstimateTiming(BaseModel):
    """Milliseconds of each stage; they add up to the total."""

    download: float = Field(description="ms; of an upload: receiving it.")
    inspect: float = Field(description="ms; reading and judging the model, and the estimate.")
    total: float = Field(description="ms; from the request to the answer.")


class PartEstimate(BaseModel):
    """What the figures of a part would be."""

    needs_slice: bool = Field(
        description="`true`: no estimate can be made of this part; there are no figures then."
    )
    reason: str | None = Field(None, description="Why it needs a slice, in a sentence.")
    quantity: int = Field(description="Copies.")
    print_time_hours: FigureRange | None = Field(None, description="Of one part.")
    filament_weight_g: FigureRange | None = Field(None, description="Of one part.")
    basis: Basis = Field(description="What it rests on.")
    model: ModelFacts = Field(description="What the file holds.")
    print: PrintPlan = Field(description="How it would be printed.")
    printer: PrinterFacts = Field(description="Where it would be printed.")
    warnings: list[WarningFact] = Field(description="What to know about it.")


class PrinterEstimate(BaseModel):
    """What it would come to on one printer."""

    id: str = Field(description="As in the shop.")
    name: str = Field(description="For people.")
    needs_slice: bool = Field(description="`true`: it cannot be told; there are no figures then.")
    reason: str | None = Field(None, description="Why it needs a slice, in a sentence.")
    price: AmountRange | None = Field(None, description="Of the order, tax and all.")
    print_time_hours: FigureRange | None = Field(None, description="Of one part.")
    filament_weight_g: FigureRange | None = Field(None, description="Of one part.")


class EstimateResponse(PartEstimate):
    """What a quote would probably come to. Nothing was sliced, and it binds nobody."""

    binding: Literal[False] = Field(description="An estimate never binds.")
    currency: str = Field(description="ISO 4217.")
    price: AmountRange | None = Field(None, description="Of the order, tax and all.")
    interval: float | None = Field(
        None, description="The share of parts whose figures lie between `low` and `high`."
    )
    printers: list[PrinterEstimate] | None = Field(
        None,
        description="With `printer: auto`, where several printers could print it: what each would "
        "charge, in the shop's order, the chosen one among them.",
    )
    shop_version: str = Field(description="Names the shop file and presets behind it.")
    timing_ms: EstimateTiming = Field(description="How long it took, in ms.")

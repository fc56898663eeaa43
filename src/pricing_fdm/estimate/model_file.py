"""A fitted model as a file of JSON: what it knows, and where that ends.

The models for the bundled shop lie beside this module in `models/`; a shop's own are made by
`estimate train`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pricing_fdm.estimate.features import VERSION
from pricing_fdm.estimate.inputs import FEATURES, GROUPS
from pricing_fdm.estimate.physics import FILAMENT_TERMS, TIME_TERMS
from pricing_fdm.estimate.trees import Boosted

Coefficient: TypeAlias = Annotated[float, Field(ge=0, le=1000)]
Width: TypeAlias = Annotated[float, Field(ge=0, le=5)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Widths(_Frozen):
    """Half-widths of the interval, as logarithms of a ratio: of sliced to likely.

    Attributes:
        low: The ratio is higher than exp(-low) in 95 % of cases.
        high: It is lower than exp(high) in 95 %.
    """

    low: Width
    high: Width


class Shares(_Frozen):
    """How far a figure may lie below and above what is likely, as shares of another figure."""

    low: Annotated[float, Field(ge=0, le=1)]
    high: Annotated[float, Field(ge=0, le=1)]


class Anchored(_Frozen):
    """What a slice of a mesh tells of other prints of it in the same pose.

    Attributes:
        share: How much of its error they have, too.
        widths: By group, for what is left.
    """

    share: Annotated[float, Field(ge=0, le=1)]
    widths: Mapping[str, Widths]


class Figure(_Frozen):
    """How one figure is predicted.

    Attributes:
        coefficients: For each term of the physics.
        residual: The logarithm of what the physics leaves.
        widths: By group.
        anchored: When another print of the same mesh has been sliced.
    """

    coefficients: Mapping[str, Coefficient]
    residual: Boosted
    widths: Mapping[str, Widths]
    anchored: Anchored


class Trained(_Frozen):
    """What a model was fitted on."""

    date: str
    slicer: str
    labels: int
    parts: int
    families: int


class Span(_Frozen):
    """The values of a feature that were seen."""

    low: float
    high: float


class EstimateModel(_Frozen):
    """A fitted model.

    Attributes:
        version: Of the features (`features.VERSION`); a file of another version is not read.
        engine: The slicer whose figures it predicts.
        profile_hashes: The presets that it was fitted for.
        ranges: By feature; outside of them it gives no estimate.
        support: How wrong the grams of support may be, as shares of all grams.
    """

    version: int = VERSION
    engine: str
    trained_on: Trained
    profile_hashes: tuple[str, ...]
    ranges: Mapping[str, Span]
    time: Figure
    filament: Figure
    support: Shares

    @model_validator(mode="after")
    def _complete(self) -> EstimateModel:
        if self.version != VERSION:
            raise ValueError("it was fitted by another release; run estimate train again")
        expected = (
            (self.time.coefficients, TIME_TERMS),
            (self.filament.coefficients, FILAMENT_TERMS),
            (self.ranges, FEATURES),
            (self.time.widths, GROUPS),
            (self.filament.widths, GROUPS),
            (self.time.anchored.widths, GROUPS),
            (self.filament.anchored.widths, GROUPS),
        )
        for found, names in expected:
            if set(found) != set(names):
                raise ValueError(f"expected exactly {', '.join(names)}")
        for figure in (self.time, self.filament):
            for tree in figure.residual.trees:
                if max(tree.feature) >= len(FEATURES):
                    raise ValueError("a tree asks for a feature that is not there")
        return self


def read_model(path: Path) -> EstimateModel:
    """Reads a model file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not a model of this format.
    """
    return EstimateModel.model_validate_json(path.read_bytes())


def bundled_model(engine: str) -> EstimateModel | None:
    """The model that comes with the package, if there is one for the engine."""
    file = resources.files("pricing_fdm.estimate").joinpath("models", f"{engine}.json")
    return EstimateModel.model_validate_json(file.read_bytes()) if file.is_file() else None

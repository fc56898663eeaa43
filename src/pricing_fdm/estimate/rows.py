"""A label: what a part looked like, what was asked, and what the real slicer said.

It holds features and figures only; no part can be made of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pydantic import Field

from pricing_fdm.estimate.features import Sections
from pricing_fdm.estimate.preset_figures import PresetFigures

Positive: TypeAlias = Annotated[float, Field(gt=0, le=1e9)]


@dataclass(frozen=True, slots=True)
class Row:
    """One slice of the real slicer.

    Attributes:
        family: Parts of one designer; a model is judged by families that it has not seen.
        mesh_sha256: The same for all variants of a part.
        profile_hash: Of the presets of the slice.
    """

    family: str
    mesh_sha256: str
    profile_hash: str
    part: Sections
    figures: PresetFigures
    print_time_s: Positive
    filament_g: Positive
    support_g: Annotated[float, Field(ge=0, le=1e9)]

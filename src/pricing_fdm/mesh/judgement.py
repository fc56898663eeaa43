"""Refuses parts that are empty, not finite, too thin or without volume.

Each refusal says what is wrong and how to mend it. A part that is only doubtful gets a warning.

Cost: O(n) in triangles.
"""

from __future__ import annotations

import numpy as np

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.triangles import Corners, Mesh
from pricing_fdm.mesh.units import MIN_EXTENT_MM, Size, size_text
from pricing_fdm.model import QuoteWarning

MAX_COORDINATE_MM = 1_000_000.0
"""A kilometre; at that distance the steps of float32 are 0.06 mm."""

MIN_MEAN_THICKNESS_MM = 0.001
"""Twice the volume divided by the surface; nearly 0 for a folded sheet."""


def require_count(count: int, max_triangles: int) -> None:
    """Refuses a model without triangles or with too many.

    Raises:
        ModelInvalid: None, or more than `max_triangles`.
    """
    if count == 0:
        raise ModelInvalid("The model holds no triangles. Export the part again.")
    if count > max_triangles:
        raise ModelInvalid(
            f"The model has {count:,} triangles; at most {max_triangles:,} are accepted. "
            "Export it with a coarser tolerance."
        )


def require_coordinates(corners: Corners) -> None:
    """Refuses coordinates that no printed part can have.

    Raises:
        ModelInvalid: NaN, infinite, or absurdly far away.
    """
    with np.errstate(invalid="ignore"):
        reach = max(abs(float(corners.min())), abs(float(corners.max())))
    # NaN wins every numpy reduction, and any NaN makes this comparison false.
    if reach <= MAX_COORDINATE_MM:
        return
    broken = np.count_nonzero(~np.isfinite(corners).all(axis=(1, 2)))
    if broken:
        raise ModelInvalid(
            f"Triangles with a corner that is not a finite number (NaN or infinite): {broken:,} of "
            f"{len(corners):,}. Repair the model and export it again."
        )
    raise ModelInvalid(
        f"The model has coordinates beyond {MAX_COORDINATE_MM:,.0f} mm. Move the part to the "
        "origin, check its unit, and export it again."
    )


def require_faces(mesh: Mesh) -> None:
    """Refuses a mesh without faces after welding.

    Raises:
        ModelInvalid: No triangle has three different corners.
    """
    if not len(mesh.faces):
        raise ModelInvalid(
            "No triangle of the model has an area. Check the model and export it again."
        )


def require_size(size: Size, unit_hint: str) -> None:
    """Refuses a part that is too thin to print.

    Args:
        size: Of the part's box.
        unit_hint: From `units.unit_hint`; empty if the unit is not in doubt.

    Raises:
        ModelInvalid: An extent below `MIN_EXTENT_MM`.
    """
    if min(size) < MIN_EXTENT_MM:
        raise ModelInvalid(
            f"The part measures {size_text(size)}, which is too thin to print: every side must "
            f"be at least {MIN_EXTENT_MM:g} mm. "
            f"{unit_hint or 'Give it a thickness and export it again.'}"
        )


def doubt_unit(size: Size, unit_hint: str) -> tuple[QuoteWarning, ...]:
    """Warns of a doubtful unit, if `unit_hint` is not empty."""
    if not unit_hint:
        return ()
    return (
        QuoteWarning(
            "unit_suspected",
            f"The part measures {size_text(size)} and was priced so. {unit_hint}",
            {
                f"{axis}_mm": round(extent_mm, 4)
                for axis, extent_mm in zip("xyz", size, strict=True)
            },
        ),
    )


def require_volume(volume_mm3: float, surface_mm2: float) -> None:
    """Refuses a closed mesh that encloses no volume.

    Raises:
        ModelInvalid: On average thinner than `MIN_MEAN_THICKNESS_MM`.
    """
    if not 2 * volume_mm3 > MIN_MEAN_THICKNESS_MM * surface_mm2:
        raise ModelInvalid(
            "The model encloses no volume: its faces lie on each other. Give the part a thickness "
            "and export it again."
        )

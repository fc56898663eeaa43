"""The room that copies need on a bed: their outlines, and what lies between them."""

from __future__ import annotations

from pricing_fdm.model import Bed, BuildVolume, Outline, Part

GAP_MM = 6.0
"""Between copies: what PrusaSlicer keeps by default when it arranges (`duplicate_distance`)."""


def outline_of(part: Part, volume: BuildVolume) -> Outline:
    """The box around the part in the middle of the bed, where its clean STL has it."""
    width_mm, depth_mm, _ = part.pose.dimensions_mm
    return _rectangle(volume, width_mm, depth_mm)


def bed_of(volume: BuildVolume) -> Bed:
    """The whole bed: a part by itself may reach to its edge, too."""
    return Bed(_rectangle(volume, volume.x_mm, volume.y_mm))


def _rectangle(volume: BuildVolume, width_mm: float, depth_mm: float) -> Outline:
    """One in the middle of the bed."""
    x_mm, y_mm = volume.centre_mm
    left, right = x_mm - width_mm / 2, x_mm + width_mm / 2
    front, back = y_mm - depth_mm / 2, y_mm + depth_mm / 2
    return (left, front), (right, front), (right, back), (left, back)

"""All three steps of the mesh stage, one after the other."""

from __future__ import annotations

from pathlib import Path

from pricing_fdm.errors import ModelError
from pricing_fdm.mesh.inspect import describe, judge_model, set_down
from pricing_fdm.model import BuildVolume, Orientation, Part, Unit


def inspect_model(
    source: Path,
    destination: Path,
    volume: BuildVolume,
    *,
    max_triangles: int,
    unit: Unit | None = Unit.MM,
    orientation: Orientation = Orientation.KEEP,
    layer_height_mm: float = 0.2,
    line_width_mm: float = 0.42,
) -> Part:
    """From a model file to a part, whose clean STL goes to `destination`."""
    judged = judge_model(source, volume, max_triangles=max_triangles, unit=unit)
    try:
        with destination.open("wb") as file:
            part = set_down(
                judged, file, volume, orientation=orientation, layer_height_mm=layer_height_mm
            )
    except ModelError:
        destination.unlink()  # as the service does, where only a complete file appears
        raise
    return describe(part, line_width_mm=line_width_mm)

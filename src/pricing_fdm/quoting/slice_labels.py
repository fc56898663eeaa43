"""A slice as a label for the next training of the estimate."""

from __future__ import annotations

from pricing_fdm.estimate.features import VERSION, Sections
from pricing_fdm.estimate.labels import Label
from pricing_fdm.estimate.preset_figures import PresetFigures
from pricing_fdm.estimate.rows import Row
from pricing_fdm.quoting.slicing import Sliced


def label_of(
    sliced: Sliced, part: Sections, figures: PresetFigures, family: str | None = None
) -> Label:
    """What the fit is told of a slice: features and figures, no geometry.

    Args:
        sliced: Of one part.
        part: In the pose that was printed.
        figures: Of the presets.
        family: Left out: the meshes of strangers are sixteen families, by their digests.
    """
    settings, result = sliced.order.print_settings, sliced.result
    return Label(
        version=VERSION,
        engine=result.engine.name,
        slicer=result.engine.version,
        printer=sliced.plan.printer.id,
        material=settings.material,
        quality=settings.quality.id,
        infill_percent=settings.infill_percent,
        supports=settings.supports,
        rotation=result.part.pose.rotation,
        row=Row(
            family=family or f"sliced/{sliced.sha256[0]}",
            mesh_sha256=sliced.sha256,
            profile_hash=result.engine.profile_hash,
            part=part,
            figures=figures,
            print_time_s=float(result.metrics.print_time_s),
            filament_g=float(result.metrics.filament_g),
            support_g=float(result.metrics.support_g or 0),
        ),
    )

"""What the trees look at, and the group of a part.

No feature depends on the infill that was asked for: the physics alone knows it. So a part with more
infill never costs less.
"""

from __future__ import annotations

import math
from dataclasses import replace

from pricing_fdm.estimate.features import Sections
from pricing_fdm.estimate.physics import FILAMENT_TERMS, TIME_TERMS, terms
from pricing_fdm.estimate.preset_figures import PresetFigures

GROUPS = ("supported", "lattice", "tiny", "plain")

_REFERENCE_INFILL = 0.2
_TINY_MM3 = 1500.0
_LATTICE_LOOPS = 8.0

_SHAPE = (
    *("log_time", "log_filament", "log_height", "log_layers", "log_slenderness", "solid_share"),
    *("thickness", "loops", "islands", "corner_density", "turning_density", "short_share"),
    *("small_share", "overhang_share", "thin_share"),
    *("overlap_share", "support_share", "support_slimness", "layer_height", "log_flow_cap"),
    *("flow_ratio", "min_layer_s"),
)
FEATURES = (
    *_SHAPE,
    *(f"time_{name}" for name in TIME_TERMS),
    *(f"filament_{name}" for name in FILAMENT_TERMS),
)
"""Names in the order in which trees number them."""


def features_of(part: Sections, figures: PresetFigures) -> tuple[float, ...]:
    """The values of `FEATURES`."""
    reference = terms(part, replace(figures, infill_share=_REFERENCE_INFILL))
    time, filament = reference.time_s, reference.filament_mm3
    all_time, all_filament = sum(time.values()) or 1.0, sum(filament.values()) or 1.0
    shape = _shape(part, figures, all_time, all_filament)
    return (
        *(shape[name] for name in _SHAPE),
        *(time[name] / all_time for name in TIME_TERMS),
        *(filament[name] / all_filament for name in FILAMENT_TERMS),
    )


def group_of(part: Sections) -> str:
    """The kind of part; its intervals are those of its kind."""
    volume = sum(slab.area_mm2 for slab in part.slabs) * part.slab_mm
    if any(slab.support_mm2 for slab in part.slabs):
        return "supported"
    if volume < _TINY_MM3:
        return "tiny"
    loops = sum(slab.loops for slab in part.slabs) / len(part.slabs)
    return "lattice" if loops > _LATTICE_LOOPS else "plain"


def _shape(
    part: Sections, figures: PresetFigures, all_time: float, all_filament: float
) -> dict[str, float]:
    count = len(part.slabs)
    area = sum(slab.area_mm2 for slab in part.slabs) or 1e-9
    outline = sum(slab.perimeter_mm for slab in part.slabs) or 1e-9
    support = sum(slab.support_mm2 for slab in part.slabs)
    edge = sum(slab.support_edge_mm for slab in part.slabs)
    across = max(part.width_mm, part.depth_mm, 1e-3)
    return {
        "log_time": math.log(all_time),
        "log_filament": math.log(all_filament),
        "log_height": math.log(part.height_mm),
        "log_layers": math.log(part.height_mm / figures.layer_height),
        "log_slenderness": math.log(part.height_mm / across),
        "solid_share": area / count / (max(part.width_mm, 1e-3) * max(part.depth_mm, 1e-3)),
        "thickness": 2 * area / outline,
        "loops": sum(slab.loops for slab in part.slabs) / count,
        "islands": sum(slab.islands for slab in part.slabs) / count,
        "corner_density": sum(slab.corners for slab in part.slabs) / outline,
        "turning_density": sum(slab.turning for slab in part.slabs) / outline,
        "short_share": sum(slab.short_mm for slab in part.slabs) / outline,
        "small_share": sum(slab.small_mm for slab in part.slabs) / outline,
        "overhang_share": sum(slab.overhang_mm for slab in part.slabs) / outline,
        "thin_share": sum(slab.thin_mm for slab in part.slabs) / outline,
        "overlap_share": part.overlap_share,
        "support_share": support / (support + area),
        "support_slimness": edge / (support + 1.0),
        "layer_height": figures.layer_height,
        "log_flow_cap": math.log(figures.flow_cap_mm3_s),
        "flow_ratio": figures.flow_ratio,
        "min_layer_s": figures.min_layer_s,
    }

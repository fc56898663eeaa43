"""The figures of a slice, had its filament another density: for materials that share a slice.

A slicer lays the same path whatever the filament weighs. So length, volume and time stay, and
weights follow from them as they did the first time: the same product of the same numbers, equal to
the last digit.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, localcontext

from pricing_fdm.gcode.filament import Slot
from pricing_fdm.gcode.support_weight import needs_support
from pricing_fdm.model import Metrics
from pricing_fdm.pricing.exact import EXACT


def with_density(metrics: Metrics, *, diameter_mm: Decimal, density_g_cm3: Decimal) -> Metrics:
    """Weighs the filament of a slice anew.

    Where the length itself came from a rounded weight (`volume_derived`), these weights are as
    exact as that one was, and the warning stays.

    Args:
        metrics: Of a slice with one filament.
        diameter_mm: Of that filament.
        density_g_cm3: Of the filament that it is to be.
    """
    with localcontext(EXACT):
        g_per_mm = Slot(diameter_mm, density_g_cm3).g_per_mm
        filament_g = metrics.filament_mm * g_per_mm
        support_g = None
        if metrics.support_g is not None:
            support_g = metrics.support_g / (metrics.filament_g / metrics.filament_mm) * g_per_mm
        told = needs_support(metrics.support_g, metrics.filament_g)
        others = tuple(warning for warning in metrics.warnings if warning not in told)
        warnings = others + needs_support(support_g, filament_g)
    return replace(metrics, filament_g=filament_g, support_g=support_g, warnings=warnings)

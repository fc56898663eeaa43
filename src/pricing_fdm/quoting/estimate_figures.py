"""The figures that a slice and an estimate both state; apart, so that metrics load no estimate."""

from __future__ import annotations

from pricing_fdm.model import Metrics

PRINT_TIME, FILAMENT = "print_time_hours", "filament_weight_g"
FIGURES = (PRINT_TIME, FILAMENT)
"""What is compared, by the names in the answers."""


def figures_of(metrics: Metrics) -> dict[str, float]:
    """The figures of a slice that an estimate states, too."""
    return {
        PRINT_TIME: float(metrics.print_time_s) / 3600,
        FILAMENT: float(metrics.filament_g),
    }

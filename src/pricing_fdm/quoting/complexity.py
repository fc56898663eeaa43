"""How demanding a part is to print, as one of three words.

The rule counts points. Each of three traits gives none, one or two; no points are `low`, one or two
`medium`, three or more `high`. So one trait by itself never makes a part `high`: a bracket that
needs much support is everyday work, a filigree bracket that needs much support is not.

Support
    The share of the filament that is support: one point from 5 %, two from 25 %. It is broken away
    by hand and leaves marks; below 5 % it stands in a corner, from 25 % it is the main work after
    printing. Or the share of the surface that overhangs, if that gives more: one point from 5 %,
    two from 20 %. It counts for parts printed without support, whose undersides sag instead.

Fineness
    How many wall thicknesses fit across the part's smallest side: that side divided by the mean
    thickness, which is twice the volume over the surface. One point from 10, two from 25. A cube,
    a ball or any flat plate has 1 to 3, a compact part 5 to 10, a housing 15, a vessel or a lattice
    30 and more: thin walls, much travel, strings. Surface cubed over volume squared would not do:
    it takes a single sheet, the easiest print of all, for the most demanding.

Bodies
    Separate pieces: one point from 4, two from 20. Each holds to the bed by itself, and one that
    comes loose spoils all.
"""

from __future__ import annotations

from decimal import Decimal

from pricing_fdm.model import Complexity, Metrics, Part
from pricing_fdm.pricing.exact import EXACT

_SUPPORT_SHARES = (0.05, 0.25)
_OVERHANG_SHARES = (0.05, 0.20)
_FINENESSES = (10.0, 25.0)
_BODIES = (4, 20)
_POINTS_OF_HIGH = 3


def complexity(part: Part, metrics: Metrics) -> Complexity:
    """Rates one part in the pose and with the settings that are printed."""
    points = (
        max(
            _points(_support_share(metrics), _SUPPORT_SHARES),
            _points(part.overhang_share, _OVERHANG_SHARES),
        )
        + _points(_fineness(part), _FINENESSES)
        + _points(part.bodies, _BODIES)
    )
    if points >= _POINTS_OF_HIGH:
        return Complexity.HIGH
    return Complexity.MEDIUM if points else Complexity.LOW


def _points(measure: float, thresholds: tuple[float, ...]) -> int:
    return sum(measure >= threshold for threshold in thresholds)


def _support_share(metrics: Metrics) -> float:
    """0 where the slicer does not tell how much is support; the overhang then counts."""
    return float(EXACT.divide(metrics.support_g or Decimal(0), metrics.filament_g))


def _fineness(part: Part) -> float:
    mean_thickness_mm = 2 * part.volume_mm3 / part.surface_mm2
    return min(part.pose.dimensions_mm) / mean_thickness_mm

"""How wide the lines are that a preset asks for; the outermost tells how thin a wall may be.

OrcaSlicer's rule: a percentage is one of the nozzle, 0 the general width, and if that is 0 as well
the slicer chooses. PrusaSlicer's percentage is one of the layer height, and its own choice for the
outermost line is narrower.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.presets.file import PresetFormat, Profile, ProfileKind
from pricing_fdm.slicers.presets.source import Source

OUTER = "outer_wall_line_width"
_AUTOMATIC_PERCENT = Decimal("112.5")
_PRUSA_OUTER_PERCENT = Decimal(105)
_MAX_MM = 5  # wider than what any nozzle lays

_UNSTATED = Profile(
    kind=ProfileKind.PROCESS,
    name="the slicer's own values",
    path=Path("(unstated)"),
    values={OUTER: "0", "line_width": "0", "nozzle_diameter": ("0.4",)},
)


def line_width(
    source: Source,
    key: str,
    automatic_percent: Decimal = _AUTOMATIC_PERCENT,
    percent_of: str = "nozzle_diameter",
) -> str:
    """A line width in mm, as text.

    Args:
        source: The presets, which state `key`, `line_width` and `nozzle_diameter`.
        key: The lines.
        automatic_percent: Of the nozzle; where no width is stated.
        percent_of: What a width in percent is a share of.
    """
    for candidate in (key, "line_width"):
        value = source.text(candidate)
        if value.endswith("%"):
            return share(source.number(candidate, value[:-1]), source.number(percent_of))
        if source.number(candidate, value):
            return value
    return share(automatic_percent, source.number("nozzle_diameter"))


def share(percent: Decimal, whole: Decimal) -> str:
    """So many percent of `whole`, as text."""
    part = EXACT.divide(EXACT.multiply(percent, whole), Decimal(100))
    return f"{part.normalize(EXACT):f}"


def outer_line_width_mm(machine: Profile, process: Profile) -> float:
    """Width in mm of the outermost line.

    Raises:
        ShopError: The presets state no width that a printer could lay.
    """
    source = Source((process, machine, _UNSTATED))
    try:
        if process.format is PresetFormat.PRUSA:
            width = line_width(source, OUTER, _PRUSA_OUTER_PERCENT, "layer_height")
        else:
            width = line_width(source, OUTER)
        width_mm = float(width)
    except ShopError as error:
        raise process.error(OUTER, error.faults[0].message) from error
    if not 0 < width_mm <= _MAX_MM:
        raise process.error(OUTER, f"gives lines of {width_mm:g} mm, which no printer lays.")
    return width_mm

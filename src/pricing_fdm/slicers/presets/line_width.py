"""How wide the lines are that a profile asks for; the outermost tells how thin a wall may be.

The rule is OrcaSlicer's: a percentage is one of the nozzle, 0 the general width, and if that is 0
as well the slicer chooses.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.slicers.presets.file import Profile, ProfileError, ProfileKind
from pricing_fdm.slicers.presets.source import Source

_KEY = "outer_wall_line_width"
_AUTOMATIC_PERCENT = Decimal("112.5")
_MAX_MM = 5  # wider than what any nozzle lays

_UNSTATED = Profile(
    kind=ProfileKind.PROCESS,
    name="OrcaSlicer's own values",
    path=Path("OrcaSlicer"),
    values={_KEY: "0", "line_width": "0", "nozzle_diameter": ("0.4",)},
)


def line_width(source: Source, key: str, automatic_percent: Decimal = _AUTOMATIC_PERCENT) -> str:
    """A line width in mm, as text.

    Args:
        source: The profiles, which state `key`, `line_width` and `nozzle_diameter`.
        key: The lines.
        automatic_percent: Of the nozzle; where no width is stated.
    """
    nozzle = source.number("nozzle_diameter")
    for candidate in (key, "line_width"):
        value = source.text(candidate)
        if value.endswith("%"):
            return share(source.number(candidate, value[:-1]), nozzle)
        if source.number(candidate, value):
            return value
    return share(automatic_percent, nozzle)


def share(percent: Decimal, whole: Decimal) -> str:
    """So many percent of `whole`, as text."""
    part = EXACT.divide(EXACT.multiply(percent, whole), Decimal(100))
    return f"{part.normalize(EXACT):f}"


def outer_line_width_mm(machine: Profile, process: Profile) -> float:
    """Width in mm of the outermost line.

    Raises:
        ProfileError: The profiles state no width that a printer could lay.
    """
    width_mm = float(line_width(Source((process, machine, _UNSTATED)), _KEY))
    if not 0 < width_mm <= _MAX_MM:
        raise ProfileError((f"{_KEY} gives lines of {width_mm:g} mm, which no printer lays.",))
    return width_mm


def line_width_faults(process: Profile, machine: Profile | None) -> Iterator[str]:
    """What is wrong with the width; one in percent depends on the machine's nozzle."""
    if machine is None:
        return
    try:
        outer_line_width_mm(machine, process)
    except ProfileError as error:
        yield from error.faults

"""How wide the outermost line of a wall is, which tells how thin a wall may be.

The rule is OrcaSlicer's: a percentage is one of the nozzle, 0 the general width, and if that is 0
as well the slicer chooses.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pricing_fdm.slicers.presets.file import Profile, ProfileError, ProfileKind
from pricing_fdm.slicers.prusa.values import Source, line_width

_KEY = "outer_wall_line_width"

_MAX_MM = 5.0
"""Wider than what any nozzle lays."""

_UNSTATED = Profile(
    kind=ProfileKind.PROCESS,
    name="OrcaSlicer's own values",
    path=Path("OrcaSlicer"),
    values={_KEY: "0", "line_width": "0", "nozzle_diameter": ("0.4",)},
)


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
    """What is wrong with the width; a width in percent asks the machine for its nozzle."""
    if machine is None:
        return
    try:
        outer_line_width_mm(machine, process)
    except ProfileError as error:
        yield from error.faults

"""Estimates what printing a pose costs, from points of the surface: hours and grams as money.

The estimate only ranks poses and is not shown to anybody; the price comes from the slicer. Its
terms are the lengths of line that a slicer lays:

    walls      the area of the sides over the layer height, three lines wide
    skin       the area seen from above and below, times its layers
    infill     the rest of the section, thinly
    support    its volume, thinly, and dense layers under the part
    layers     each costs a lift and a travel

The seconds that a millimetre of each takes were measured in real slices (docs/orientation.md).
They are the profiles' speeds, less what accelerating, retracting and travelling cost.

Cost: O(s) in samples of the surface and layers, both of which are bounded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.orientation.support import Support
from pricing_fdm.mesh.orientation.surface import Standing

COST_PER_HOUR = 10.0
COST_PER_G = 0.02
"""The bundled tariff, whatever the shop's is; it only weighs an hour against a gram."""

WALL_S_PER_MM = 0.023
SKIN_S_PER_MM = 0.026
INFILL_S_PER_MM = 0.0145
SUPPORT_S_PER_MM = 0.027
INTERFACE_S_PER_MM = 0.035
LAYER_S = 2.0

MIN_LAYER_S = 4.0
MIN_MM_PER_S = 10.0
"""`slow_down_layer_time`, and the speed below which the slicers do not slow down."""

LINE_MM = 0.45
WALLS = 3
TOP_SKIN_MM, BOTTOM_SKIN_MM = 0.8, 0.6
INFILL = 0.2
SUPPORT_LINE_MM = 0.4
SUPPORT_FILL = 0.4 / (0.4 + 2.5)
INTERFACE_FILL = 0.4 / (0.4 + 0.5)
"""Line width and spacing, as all our process profiles have them; infill as most callers do."""

INTERFACE_LAYERS = 4
"""Two by the profiles; twice as much is laid, since on a slope each layer adds its own."""

_DENSITY_G_PER_MM3 = 1.24e-3
_S_PER_HOUR = 3600
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """A pose cut into layers, one number per layer.

    Attributes:
        outline_mm: Length of the outline.
        section_mm2: Area of the part.
        skin_mm2: Area of the solid layers that its faces call for.
    """

    outline_mm: npt.NDArray[np.floating]
    section_mm2: npt.NDArray[np.floating]
    skin_mm2: npt.NDArray[np.floating]


def cut(part: Standing, layer_mm: float) -> Layers:
    """Cuts a part into layers of this height."""
    facing = part.facing
    count = max(1, math.ceil(part.height_mm / layer_mm - _ROUNDING))
    layer = np.clip((part.z_mm / layer_mm).astype(np.intp), 0, count - 1)
    sideways = np.bincount(layer, np.sqrt(np.maximum(0.0, 1.0 - facing * facing)), count)
    up_less_down, level = np.bincount(layer, facing, count), np.bincount(layer, abs(facing), count)
    up, down = (level + up_less_down) / 2, (level - up_less_down) / 2
    return Layers(
        outline_mm=sideways * (part.area_mm2 / layer_mm),
        section_mm2=np.maximum(0.0, -np.cumsum(up_less_down)) * part.area_mm2,
        # On a slope too, where much of it hides behind walls: `ensure_vertical_shell_thickness`.
        skin_mm2=(up * TOP_SKIN_MM + down * BOTTOM_SKIN_MM) * (part.area_mm2 / layer_mm),
    )


def part_cost(layers: Layers) -> float:
    """The cost of the part's own lines and layers in machine time."""
    wall_mm = np.minimum(layers.outline_mm * WALLS, layers.section_mm2 / LINE_MM)
    skin_mm = layers.skin_mm2 / LINE_MM
    infill_mm = np.maximum(0.0, layers.section_mm2 / LINE_MM - wall_mm - skin_mm) * INFILL
    seconds = wall_mm * WALL_S_PER_MM + skin_mm * SKIN_S_PER_MM + infill_mm * INFILL_S_PER_MM
    # Small layers are printed slowly, so that they cool.
    slowest = (wall_mm + skin_mm + infill_mm) / MIN_MM_PER_S
    cooled = np.maximum(seconds, np.minimum(slowest, MIN_LAYER_S))
    return float((cooled + LAYER_S).sum()) / _S_PER_HOUR * COST_PER_HOUR


def support_cost(support: Support, layer_mm: float) -> float:
    """The cost of the support in machine time and material."""
    fill_mm = support.volume_mm3 / layer_mm * SUPPORT_FILL / SUPPORT_LINE_MM
    interface_mm = support.contact_mm2 * INTERFACE_LAYERS * INTERFACE_FILL / SUPPORT_LINE_MM
    seconds = fill_mm * SUPPORT_S_PER_MM + interface_mm * INTERFACE_S_PER_MM
    grams = (fill_mm + interface_mm) * SUPPORT_LINE_MM * layer_mm * _DENSITY_G_PER_MM3
    return seconds / _S_PER_HOUR * COST_PER_HOUR + grams * COST_PER_G

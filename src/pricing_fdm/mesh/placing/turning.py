"""Turns a pose about the vertical so that it fits the bed.

A part that fits is not turned. Otherwise a quarter turn is tried, which keeps walls along the axes,
and then the angle that leaves the most room.

Cost: O(n) in points if a pose fits as it lies, else that of `hull`.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.placing.footprint import Turn, roomiest_turn
from pricing_fdm.mesh.triangles import Reals
from pricing_fdm.mesh.units import FIT_TOLERANCE_MM
from pricing_fdm.model import UNTURNED, BuildVolume, Rotation

_EXACT = {0.0: (1.0, 0.0), 90.0: (0.0, 1.0)}


def fits(points: npt.NDArray[np.floating], height_mm: float, volume: BuildVolume) -> bool:
    """Whether a pose fits the printer when it may be turned about the vertical.

    A pose whose box fits costs one look at the points, any other one the outline from above:
    0.1 to 0.3 s for a million points. Ask for the best poses first.

    Args:
        points: (n, 2) or more columns; x and y of all points as the part is posed, in mm.
        height_mm: Extent of the pose along z.
        volume: The printer's box.
    """
    return height_mm <= volume.z_mm + FIT_TOLERANCE_MM and on_bed(turn_for(points, volume), volume)


def turn_for(points: npt.NDArray[np.floating], volume: BuildVolume) -> Turn:
    """The turn to print with, or the roomiest one if no turn fits.

    Args:
        points: (n, 2) or more columns; x and y in mm.
        volume: The printer's box.
    """
    columns = points[:, 0], points[:, 1]
    low = [float(column.min()) for column in columns]
    high = [float(column.max()) for column in columns]
    x_mm, y_mm = high[0] - low[0], high[1] - low[1]
    for turn in (Turn(0.0, x_mm, y_mm), Turn(90.0, y_mm, x_mm)):
        if on_bed(turn, volume):
            return turn
    middle = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2]
    return roomiest_turn(points[:, :2] - np.array(middle), volume.x_mm, volume.y_mm)


def on_bed(turn: Turn, volume: BuildVolume) -> bool:
    """Whether a part that is turned so stays within the bed."""
    return (
        turn.x_mm <= volume.x_mm + FIT_TOLERANCE_MM and turn.y_mm <= volume.y_mm + FIT_TOLERANCE_MM
    )


def rotation_about_z(degrees: float) -> Rotation:
    """The matrix of a turn about the vertical, counter-clockwise seen from above."""
    angle = math.radians(degrees)
    cosine, sine = _EXACT.get(degrees, (math.cos(angle), math.sin(angle)))
    return (cosine, -sine, 0.0), (sine, cosine, 0.0), (0.0, 0.0, 1.0)


def one_after_another(first: Rotation, second: Rotation) -> Rotation:
    """One rotation for two; exactly one of them if the other is `UNTURNED`."""
    if UNTURNED in {first, second}:
        return second if first == UNTURNED else first
    rows = (np.array(second) @ np.array(first)).tolist()
    return tuple(rows[0]), tuple(rows[1]), tuple(rows[2])


def turned(points: Reals, degrees: float) -> Reals:
    """Points, (n, 3), turned about the vertical through the origin."""
    matrix: Reals = np.array(rotation_about_z(degrees))
    return points @ matrix.T

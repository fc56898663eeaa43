"""Parts that stand on the bed, made to deserve a warning about their shape, or not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.solids import body_of_each_face
from pricing_fdm.mesh.triangles import Corners, Ints, Mesh
from pricing_fdm.mesh.weld import weld
from tests.mesh.shapes import box, soup

Outline = npt.NDArray[np.float64]


def standing(*bodies: Corners) -> tuple[Mesh, Ints]:
    """The bodies as one mesh with its lowest point at z = 0, and the body of each face."""
    corners = np.concatenate(bodies)
    corners[:, :, 2] -= corners[:, :, 2].min()
    mesh = weld(corners)
    edges = survey(mesh.faces)
    body_of_face, _ = body_of_each_face(mesh, edges)
    return mesh, body_of_face


def circle(radius: float, sides: int = 48) -> Outline:
    angles = np.arange(sides) * 2 * np.pi / sides
    points: Outline = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return points


def square(side: float, sides: int = 48) -> Outline:
    """A square around the origin, with as many points as the circle has."""
    round_one = circle(1.0, sides)
    reach: Outline = np.abs(round_one).max(axis=1, keepdims=True)
    return round_one * (side / 2 / reach)


def prism(
    outline: npt.ArrayLike, height: float, at: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> Corners:
    """A convex outline, counter-clockwise, drawn up along z."""
    return loft(outline, outline, height, at)


def loft(
    foot: npt.ArrayLike,
    top: npt.ArrayLike,
    height: float,
    at: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Corners:
    """Walls from one convex outline to another above it."""
    low, high = _ring(foot, at[2]), _ring(top, at[2] + height)
    bottom, lid = low.mean(axis=0), high.mean(axis=0)
    triangles = []
    for here in range(len(low)):
        there = (here + 1) % len(low)
        triangles += [low[here], low[there], high[there], low[here], high[there], high[here]]
        triangles += [bottom, low[there], low[here], lid, high[here], high[there]]
    return soup(triangles) + np.array([at[0], at[1], 0.0], dtype=np.float32)


def tube(outer: Outline, inner: Outline, height: float) -> Corners:
    """What is between two outlines of as many points, drawn up along z."""
    out_low, out_high = _ring(outer, 0.0), _ring(outer, height)
    in_low, in_high = _ring(inner, 0.0), _ring(inner, height)
    triangles: list[Outline] = []
    for here in range(len(outer)):
        there = (here + 1) % len(outer)
        for a, b, c, d in (
            (out_low, out_low, out_high, out_high),
            (in_high, in_high, in_low, in_low),
            (out_high, out_high, in_high, in_high),
            (in_low, in_low, out_low, out_low),
        ):
            triangles += [a[here], b[there], c[there], a[here], c[there], d[here]]
    return soup(triangles)


def cup(side: float, wall: float, height: float) -> Corners:
    """A square tube with walls of that thickness."""
    return tube(square(side), square(side - 2 * wall), height)


def turned(corners: Corners, degrees: float, axis: int = 2) -> Corners:
    """Turned about an axis through the origin."""
    angle = np.radians(degrees)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    rotation = np.eye(3)
    rotation[first, first] = rotation[second, second] = np.cos(angle)
    rotation[second, first], rotation[first, second] = np.sin(angle), -np.sin(angle)
    return (corners.astype(np.float64) @ rotation.T).astype(np.float32)


def pins(radius: float, count: int = 4, height: float = 6.0) -> tuple[Corners, ...]:
    """A plate of 30 x 30 x 5 mm and pins that stand on it."""
    plate = box((30.0, 30.0, 5.0))
    return plate, *(
        prism(circle(radius, 24), height, at=(5.0 + 5.0 * number, 15.0, 5.0))
        for number in range(count)
    )


def _ring(outline: npt.ArrayLike, z: float) -> Outline:
    flat = np.asarray(outline, dtype=np.float64)
    return np.column_stack([flat, np.full(len(flat), z)])

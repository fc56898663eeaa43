"""Finds what begins in the air: the lowest places of a part that stand on nothing.

Such a place faces down, and all surface around it leads up. Where it is joined to lower surface
after `SHORT_MM`, it is a dip in a ceiling, or as short as the wheel in the cabin of the 3DBenchy,
which prints all the same.

Cost: O(n) in triangles, and the same for each of at most `MAX_ISLANDS` places.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.components import components
from pricing_fdm.mesh.overhang.carried import on_another_body
from pricing_fdm.mesh.overhang.patches import LOWER_MM, ON_BED_LAYERS
from pricing_fdm.mesh.triangles import Flags, Ints, Mesh, Reals, area_columns

MAX_ISLANDS = 32
"""More are not looked at; those looked at are spread over the part's height."""

SHORT_MM = 3.0
"""A piece that hangs down no farther is no island."""

_NEAR_MM = 5.0

_SIDES = ((0, 1), (1, 2), (2, 0))


def begins_in_the_air(mesh: Mesh, body_of_face: Ints, layer_height_mm: float) -> bool:
    """Whether a piece of the part stands on nothing when its first layer is printed."""
    z_mm = mesh.points[:, 2].astype(np.float64)
    z_mm -= z_mm.min()
    lowest = _lowest_around(mesh, z_mm) & (z_mm > ON_BED_LAYERS * layer_height_mm)
    lowest &= _faces_down(mesh, lowest)
    roots = _without_way_down(mesh, z_mm, lowest)
    if len(roots) > MAX_ISLANDS:
        rising = roots[np.argsort(z_mm[roots], kind="stable")]
        roots = rising[np.linspace(0, len(rising) - 1, MAX_ISLANDS).astype(np.intp)]
    islands = [root for root in roots.tolist() if _stands_alone(mesh, z_mm, root, layer_height_mm)]
    places = mesh.points[islands].astype(np.float64).reshape(-1, 3)
    return not on_another_body(mesh, body_of_face, places, layer_height_mm).all()


def _lowest_around(mesh: Mesh, z_mm: Reals) -> Flags:
    """The points from which no edge leads down."""
    lowest = np.ones(len(z_mm), dtype=np.bool_)
    for first, second in _SIDES:
        tails, heads = mesh.faces[:, first], mesh.faces[:, second]
        rise_mm = z_mm[heads] - z_mm[tails]
        lowest[tails[rise_mm < -LOWER_MM]] = False
        lowest[heads[rise_mm > LOWER_MM]] = False
    return lowest


def _faces_down(mesh: Mesh, among: Flags) -> Flags:
    """The points among some whose faces together face down; a pit in a top faces up."""
    faces = mesh.faces[among[mesh.faces].any(axis=1)]
    corners = mesh.points.T.take(faces.T, axis=1).astype(np.float64)
    upward = np.repeat(area_columns(corners)[2], 3)
    down: Flags = np.bincount(faces.ravel(), weights=upward, minlength=len(among)) < 0.0
    return down


def _without_way_down(mesh: Mesh, z_mm: Reals, lowest: Flags) -> Ints:
    """One point of each level place that consists of lowest points only."""
    faces = mesh.faces[lowest[mesh.faces].any(axis=1)]
    tails, heads = (np.concatenate([faces[:, side[end]] for side in _SIDES]) for end in (0, 1))
    level = np.abs(z_mm[tails] - z_mm[heads]) <= LOWER_MM
    tails, heads = tails[level], heads[level]
    both = lowest[tails] & lowest[heads]
    place = components(len(z_mm), tails[both], heads[both])
    leads_on = np.zeros(len(z_mm), dtype=np.bool_)
    leads_on[place[tails[lowest[tails] & ~lowest[heads]]]] = True
    leads_on[place[heads[lowest[heads] & ~lowest[tails]]]] = True
    roots = np.unique(place[lowest])
    return roots[~leads_on[roots]]


def _stands_alone(mesh: Mesh, z_mm: Reals, root: int, least_mm: float) -> bool:
    """Whether a piece that begins here hangs down farther than `SHORT_MM`, and is no splinter."""
    low = z_mm <= z_mm[root] + SHORT_MM
    near = low & (np.abs(mesh.points[:, :2] - mesh.points[root, :2]).max(axis=1) <= _NEAR_MM)
    dip = _piece(mesh, near, root)  # most are found at once
    if z_mm[dip].min() < z_mm[root] - LOWER_MM:
        return False
    piece = _piece(mesh, low, root)
    if z_mm[piece].min() < z_mm[root] - LOWER_MM:
        return False
    return bool(np.ptp(mesh.points[piece, :2], axis=0).max() >= least_mm)


def _piece(mesh: Mesh, among: Flags, root: int) -> npt.NDArray[np.intp]:
    """The points among some that hang together with one of them, and those next to them."""
    faces = mesh.faces[among[mesh.faces].any(axis=1)]
    tails, heads = (np.concatenate([faces[:, side[end]] for side in _SIDES]) for end in (0, 1))
    both = among[tails] & among[heads]
    place = components(len(among), tails[both], heads[both])
    return np.unique(faces[(place[faces] == place[root]).any(axis=1)])

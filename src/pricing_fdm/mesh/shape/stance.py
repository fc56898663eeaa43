"""Finds pieces so tall and slim that the printer may knock them over.

The height of each piece is compared with the least width of its foot, and also with its own
width: a ball stands on a small foot and is not slim.

Cost: that of four sections and their hulls for each of at most `MAX_PIECES` pieces.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing_fdm.mesh.bodies import Pieces
from pricing_fdm.mesh.placing.footprint import roomiest_turn
from pricing_fdm.mesh.shape.sections import Knife
from pricing_fdm.mesh.triangles import Flags, Ints, Reals
from pricing_fdm.model import QuoteWarning

MAX_SLENDERNESS = 4.0
"""Height divided by the least width of the foot. No guide gives a figure; this one is ours."""

MIN_HEIGHT_BY_WIDTH = 2.0
"""A piece lower than twice its own least width is not slim, however small its foot."""

MIN_HEIGHT_MM = 10.0
"""Lower pieces are not judged."""

FOOT_MM = 0.2
"""Height at which the foot is measured: within the first layer, above mere contact points."""

MAX_PIECES = 16
"""How many pieces are judged, the tallest first."""

_WIDTH_AT = (0.25, 0.5, 0.75)
"""Shares of its height at which a piece's own width is measured."""


def judge_stance(knife: Knife, body_of_face: Ints, pieces: Pieces) -> Iterator[QuoteWarning]:
    """At most one warning, for the piece that is the highest for its foot."""
    heights = pieces.highest[:, 2]
    standing = np.flatnonzero((pieces.lowest[:, 2] < FOOT_MM) & (heights >= MIN_HEIGHT_MM))
    tallest = standing[np.argsort(-heights[standing], kind="stable")][:MAX_PIECES]
    most, said = MAX_SLENDERNESS, ""
    figures: dict[str, float] = {}
    for piece in tallest.tolist():
        height_mm, of_piece = float(heights[piece]), pieces.of_body == piece
        foot_mm = _width(knife, [FOOT_MM], of_piece, body_of_face)
        if foot_mm == 0.0 or height_mm <= most * foot_mm:
            continue
        levels = [share * height_mm for share in _WIDTH_AT]
        if height_mm < MIN_HEIGHT_BY_WIDTH * _width(knife, levels, of_piece, body_of_face):
            continue
        most = height_mm / foot_mm
        said = (
            f"The part stands {height_mm:.1f} mm high on a foot that is {foot_mm:.1f} mm wide at "
            f"its narrowest: {most:.1f} times as high as wide, and above {MAX_SLENDERNESS:g} it "
            "may wobble or come loose while it is printed. Lay it down, or give it a wider foot."
        )
        figures = {
            "height_mm": round(height_mm, 1),
            "foot_mm": round(foot_mm, 1),
            "slenderness": round(most, 1),
        }
    if said:
        yield QuoteWarning("tall_and_slim", said, figures)


def least_width(points: Reals) -> float:
    """The least distance of two parallel lines that hold all points, (n, 2), between them."""
    # On a bed of no width and endless depth the roomiest turn is the one in which x is least.
    return roomiest_turn(points, 0.0, np.inf).x_mm


def _width(knife: Knife, levels: list[float], of_piece: Flags, body_of_face: Ints) -> float:
    """The least width of a piece's outlines at some heights together; 0 where it has none."""
    outlines = [np.empty((0, 2))]
    for level in levels:
        section = knife.cut(level)
        if section is not None:
            outlines.append(section.starts[of_piece[body_of_face[section.faces]]])
    points = np.concatenate(outlines)
    return least_width(points) if len(points) else 0.0

"""Outlines of polygons that are no fan from any corner; counter-clockwise."""

from __future__ import annotations

import math

Outline = list[tuple[float, float]]


def comb(teeth: int) -> Outline:
    outline: Outline = [(0, -5), (2 * teeth, -5)]
    for tooth in reversed(range(teeth)):
        x = 2.0 * tooth
        outline += [(x + 1, 0), (x + 1, 50), (x, 50), (x, 0)]
    return outline


def spiral(corners: int) -> Outline:
    """A wall that winds ten times around its middle."""
    half = corners // 2
    turns = [20 * math.pi * step / half for step in range(half)]
    outside = [((5 + t) * math.cos(t), (5 + t) * math.sin(t)) for t in turns]
    inside = [((4 + t) * math.cos(t), (4 + t) * math.sin(t)) for t in reversed(turns)]
    return outside + inside


def zigzag(corners: int) -> Outline:
    """A band folded to and fro: nearly each corner is blocked until its neighbour is gone."""
    steps = [(float(n), n + 10.0 if n % 2 else n - 10.0) for n in range(corners // 2)]
    return [*steps, *((x, y + 3) for x, y in reversed(steps))][::-1]

"""Pieces of a region that are filled without lifting off."""

from __future__ import annotations

import numpy as np

from pricing_fdm.mesh.sectioning.pieces import pieces
from pricing_fdm.mesh.triangles import Flags


def _drawn(*lines: str) -> Flags:
    return np.array([[each == "#" for each in line] for line in lines])


def test_a_piece_begins_where_no_line_is_beside_and_where_a_line_parts() -> None:
    """Two towers are two pieces; a ring parts once; a speck of one place is none."""
    plain = _drawn("####....", "####....", "........", "........", "........")
    towers = _drawn("##...##.", "##...##.", "........", "........", "........")
    ring = _drawn(".######.", ".######.", ".##..##.", ".##..##.", ".######.")
    speck = _drawn("........", "...#....", "........", "........", "#......#")
    found = pieces(np.stack([plain, towers, ring, speck]))
    assert found.tolist() == [1, 2, 2, 0]


def test_planes_and_lines_do_not_run_into_each_other() -> None:
    """A line that ends at the rim goes on neither in the next line nor in the next plane."""
    last = _drawn("........", "......##")
    first = _drawn("##......", "........")
    assert pieces(np.stack([last, first])).tolist() == [1, 1]
    assert pieces(np.zeros((3, 4, 5), dtype=np.bool_)).tolist() == [0, 0, 0]

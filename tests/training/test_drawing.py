"""Measures drawn at random, the same for the same number."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.training.drawing import Draw, block, copies, corners, grid


def test_a_number_draws_the_same_measures_again() -> None:
    """And another number draws others."""
    drawn = [[Draw(number).length(1, 100) for _ in range(3)] for number in (7, 7, 8)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_half_of_the_lengths_lie_below_the_middle_of_the_logarithm() -> None:
    """Real parts are small more often than large."""
    draw = Draw(1)
    lengths = np.array([draw.length(1, 100) for _ in range(1000)])
    assert lengths.min() > 1
    assert lengths.max() < 100
    assert np.median(lengths) == pytest.approx(10, rel=0.15)


def test_copies_stand_where_they_are_put() -> None:
    """Two measures are a place on the ground."""
    assert grid(2, 2) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    first, second = copies(block(1, 2, 3), [(10, 20), (0, 0, 5)])
    assert corners(first) == ((10, 20, 0), (11, 22, 3))
    assert corners(second) == ((0, 0, 5), (1, 2, 8))

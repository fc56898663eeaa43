"""Times of one slicer teach those of another that shares its ancestors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pricing_fdm.estimate.matrices import Matrices
from pricing_fdm.estimate.rows import Row
from tests.estimate.labels import rows


def _with_high_parts_slower(found: tuple[Row, ...], slicer: float) -> list[Row]:
    """High parts take half as long again; the slicer as a whole takes its own factor."""
    return [
        replace(
            row, print_time_s=row.print_time_s * slicer * (1.5 if row.part.height_mm > 8 else 1)
        )
        for row in found
    ]


def test_another_slicer_tells_of_a_kind_that_no_other_own_family_shows() -> None:
    """Only one own family has high parts; held out, they are known from the other slicer alone."""
    own = [
        row
        for row in _with_high_parts_slower(rows(), 1.0)
        if row.family == "family 0" or row.part.height_mm < 8
    ]
    others = [
        replace(row, family=f"other {row.family}") for row in _with_high_parts_slower(rows(), 1.2)
    ]
    high = np.array([row.part.height_mm > 8 for row in own])
    alone, taught = Matrices(own).held_out(), Matrices(own, others).held_out()
    assert np.abs(alone.time[high]).min() > 0.25
    assert np.abs(taught.time[high]).max() < 0.2
    assert np.array_equal(alone.filament, taught.filament)

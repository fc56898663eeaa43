"""The sums over the plates of an order."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.pricing.job import Batch, Plate
from tests.pricing.jobs import job, metrics


def test_plates_are_summed_as_often_as_they_are_printed() -> None:
    """By hand: two plates of 16 and one of 3."""
    full, rest = metrics("7200", "160.5", "10"), metrics("1800", "31", "0.5")
    plates = Plate(16, 2, full), Plate(3, 1, rest)
    batch = Batch((job(metrics("600", "10.1"), quantity=35),), plates)
    assert batch.plate_count == 3
    assert batch.hours == Fraction("4.5")
    assert batch.filament_g == 352
    assert batch.support_g == Fraction("20.5")


def test_each_plate_heats_up_once_whatever_lies_on_it() -> None:
    """By hand: three plates of six minutes each, beside four and a half hours of printing."""
    full, rest = metrics("7200", "160.5"), metrics("1800", "31")
    plates = Plate(16, 2, full, Decimal(360)), Plate(3, 1, rest, Decimal(360))
    batch = Batch((job(metrics("600", "10.1"), quantity=35),), plates)
    assert batch.hours == Fraction("4.8")


def test_support_that_one_plate_does_not_tell_is_not_known() -> None:
    """A part of a sum is no sum."""
    plates = Plate(1, 1, metrics("1", "1", "0.5")), Plate(1, 1, metrics("1", "1", None))
    with pytest.raises(ResultIncomplete):
        _ = Batch((job(metrics("1", "1")),), plates).support_g


def test_a_speed_and_finishes_are_those_of_the_shop() -> None:
    """The bundled one has a speed and no finish."""
    order = job(metrics("1", "1"), speed="rush")
    assert order.speed is not None
    assert order.speed.name == "Rush order"
    assert order.finishes == ()

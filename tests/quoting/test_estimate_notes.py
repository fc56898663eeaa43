"""What is noted comes back as it was, and plates have their overhead once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pricing_fdm.quoting.estimate_notes import Overhead, to_note, to_text
from tests.quoting.cache.slice_results import slice_result


def test_a_note_comes_back_to_the_last_digit_and_another_is_none() -> None:
    """What another version wrote must not stop an estimate."""
    overhead = Overhead(Decimal("600.125"), Decimal("0.50000000000000000001"))
    assert to_note(Overhead, to_text(Overhead, overhead)) == overhead
    for text in (None, "", "[]", '{"print_time_s": "long"}'):
        assert to_note(Overhead, text) is None


def test_a_plate_has_the_overhead_of_the_last_slice_once() -> None:
    """Each copy by itself would be charged for heating the bed, and drawing the skirt."""
    metrics = slice_result().metrics
    copy = replace(metrics, print_time_s=Decimal(10_800), filament_g=Decimal(10))
    assert Overhead().of_plate([(copy, 3)]).print_time_s == 3 * copy.print_time_s
    overhead = Overhead(Decimal(600), Decimal("0.5"))
    plate = overhead.of_plate([(copy, 3)])
    assert (plate.print_time_s, plate.filament_g) == (Decimal(31_200), Decimal(29))
    assert overhead.of_plate([(copy, 1)]) == copy
    other = replace(copy, print_time_s=Decimal(1200), filament_g=Decimal(2))
    mixed = overhead.of_plate([(copy, 2), (other, 1)])
    assert (mixed.print_time_s, mixed.filament_g) == (Decimal(21_600), Decimal(21))

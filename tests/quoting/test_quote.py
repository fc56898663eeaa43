"""A quote is worked out from slice results: of one part, and of the plates of all copies."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from pricing_fdm.errors import InvalidRequest
from pricing_fdm.model import Download, Order, Placement, PrintSettings, QuoteWarning
from pricing_fdm.pricing.quote import price
from pricing_fdm.quoting.plates import SlicedPlate
from pricing_fdm.quoting.quote import Answer, job_of, quoted
from pricing_fdm.quoting.workshop import Plan, PrinterChoice
from tests.harness import qualities
from tests.quoting.cache.slice_results import slice_result
from tests.shop.shops import bundled_shop, full_shop

SHOP = bundled_shop()
FLOATS = QuoteWarning("slicer_warning", "It floats.")


def order(quantity: int = 1, finishes: tuple[str, ...] = ()) -> Order:
    return Order(PrintSettings("pla", 20, qualities.STANDARD), quantity, finishes=finishes)


def answer(*plates: SlicedPlate) -> Answer:
    printer = PrinterChoice(SHOP.printers[0].id, SHOP.printers[0].name)
    return Answer(slice_result(), cast("Plan", None), printer, cached=False, plates=plates)


def plate(copies: int, times: int) -> SlicedPlate:
    layout = tuple(Placement(0, 10.0 * number, 0.0, 0) for number in range(copies))
    return SlicedPlate(layout, times, replace(slice_result(), warnings=(FLOATS,)))


def test_without_plates_each_copy_is_printed_by_itself() -> None:
    """The shop multiplies, or there is one copy."""
    job = job_of(order(quantity=3), answer(), SHOP, None)
    assert [(each.copies, each.times) for each in job.plates] == [(1, 3)]
    assert job.plates[0].metrics == job.copy == slice_result().metrics


def test_plates_are_priced_as_they_are_printed() -> None:
    """What the slicer remarks on several of them is said once."""
    job = job_of(order(quantity=5), answer(plate(2, 2), plate(1, 1)), SHOP, Decimal(7))
    assert [(each.copies, each.times) for each in job.plates] == [(2, 2), (1, 1)]
    assert job.warnings.count(FLOATS) == 1
    assert job.backlog_hours == 7


def test_a_part_that_is_too_large_for_a_finish_has_no_price(tmp_path: Path) -> None:
    """Before anything is worked out."""
    large = slice_result()
    large = replace(large, part=replace(large.part, dimensions_mm=(151.0, 1.0, 1.0)))
    shop = full_shop(tmp_path)
    with pytest.raises(InvalidRequest):
        job_of(order(finishes=("sanded",)), replace(answer(), result=large), shop, None)


def test_a_quote_holds_what_it_was_worked_out_from() -> None:
    """The warnings are those of the whole, which may say more than those of the job."""
    job, download = job_of(order(), answer(), SHOP, None), Download(Path("a"), 1, "0" * 64)
    found = price(job)
    quote = quoted(job, download, answer(), found, (FLOATS,))
    assert (quote.price, quote.part, quote.printer) == (
        found,
        slice_result().part,
        answer().printer,
    )
    assert (quote.warnings, quote.cached, quote.fell_back) == ((FLOATS,), False, False)

"""Several prices: a line each, the reason where there is none, and what they come to."""

from __future__ import annotations

import uuid
from decimal import Decimal

from pricing_fdm.commands.price_table import (
    Priced,
    message_of,
    price_lines,
    remarks,
    total_line,
)
from pricing_fdm.commands.terminal import Style
from pricing_fdm.errors import FieldFault, InvalidRequest, ModelInvalid
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.web.answers import quote_response
from tests.quoting.quotes import quote

BODY = quote_response(quote(), uuid.uuid4(), StageTimer().timing_ms())
GOOD = Priced(("a.stl",), BODY)
BAD = Priced(("b.stl",), ModelInvalid("It is empty."))


def test_each_price_is_a_line_and_each_reason_too() -> None:
    """One bad file of ten does not hide the other nine."""
    good, bad = price_lines([GOOD, BAD])
    assert good.cells == ("a.stl", "3h 39m", "50.81 g", f"{BODY.price.total} USD", "1 day")
    assert (bad.cells, bad.style) == (("b.stl",), Style.FAULT)
    assert bad.message == "The model is not usable: It is empty."


def test_a_file_is_not_named_twice_in_its_line() -> None:
    """The message of one that cannot be read begins with its name."""
    (line,) = price_lines([Priced(("c.stl",), InvalidRequest("c.stl cannot be read: gone."))])
    assert line.message == "cannot be read: gone."


def test_the_total_says_of_how_many_it_is() -> None:
    """A sum that leaves one out must say so."""
    whole = total_line([GOOD, GOOD], "USD")
    assert whole.cells[0] == "total"
    assert whole.cells[3] == f"{2 * Decimal(BODY.price.total)} USD"
    assert total_line([GOOD, BAD], "USD").cells[0] == "total of 1 of 2"


def test_a_warning_is_told_once_with_the_files_that_it_is_about() -> None:
    """A table has no room for it, and a price without it would say too much."""
    other = Priced(("c.stl",), BODY)
    told = remarks([GOOD, BAD, other])
    assert len(told) == len(BODY.warnings) > 0
    for warning in BODY.warnings:
        assert told[f"{warning.message} ({warning.code})"] == ["a.stl", "c.stl"]


def test_a_reason_names_options() -> None:
    """As they are typed."""
    fault = FieldFault("finishes", "sanded is for parts of up to 150 x 150 x 150 mm")
    assert message_of(InvalidRequest("Wrong.", (fault,))).startswith("--finish: sanded is for")
    turn = ModelInvalid("It would fit: order it with orientation `auto`.")
    assert message_of(turn).endswith("order it with --orientation auto.")

"""The quote on a terminal: what a person at a shop's desk reads out."""

from __future__ import annotations

import uuid
from typing import Any

from pricing_fdm.commands.quote_table import days, quote_rows
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.web.answers import quote_response
from pricing_fdm.web.schemas import (
    PassedOverFact,
    QuoteResponse,
    ReviewFacts,
    ReviewReason,
)
from tests.quoting.quotes import quote

BODY = quote_response(quote(), uuid.uuid4(), StageTimer().timing_ms())


def rows(body: QuoteResponse) -> dict[str, str]:
    """Label and text of each line."""
    return {row.label: row.text for row in quote_rows("part.stl", body)}


def changed(**print_facts: Any) -> QuoteResponse:
    return BODY.model_copy(update={"print": BODY.print.model_copy(update=print_facts)})


def test_the_bill_adds_up_to_the_total_in_one_column() -> None:
    """Amounts stand below each other, to the cent."""
    amounts = [text for text in rows(BODY).values() if text.endswith(" USD")]
    assert len({len(text) for text in amounts}) == 1
    *lines, total = (float(line.split()[-2]) for line in amounts)
    assert round(sum(lines), 2) == total == float(BODY.price.total)


def test_a_time_is_hours_and_minutes_and_figures_are_rounded() -> None:
    """13,139 s is 3.6497 h, which nobody says."""
    assert rows(BODY)["time"] == "3h 39m each"
    assert rows(BODY)["filament"] == "50.81 g, 17.03 m each"


def test_a_part_that_was_turned_says_how_it_stands() -> None:
    """The dimensions in the file are not those on the bed."""
    assert rows(BODY)["pose"] == "turned, 0.1 x 20 x 0.001 mm on the bed, complexity low"
    unturned = changed(rotation=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    assert rows(unturned)["pose"] == "as in the file, complexity low"


def test_every_warning_has_a_line_with_its_code() -> None:
    """The code is what the documentation explains."""
    texts = [row.text for row in quote_rows("part.stl", BODY)]
    assert BODY.warnings
    for warning in BODY.warnings:
        assert f"{warning.message} ({warning.code})" in texts


def test_an_option_is_named_as_the_command_has_it() -> None:
    """Nobody at a desk sends fields of JSON."""
    doubtful = BODY.warnings[0].model_copy(update={"message": "Name it in `units`."})
    body = BODY.model_copy(update={"warnings": [doubtful]})
    assert rows(body)["warning"].startswith("Name it in --units. (")


def test_it_says_how_long_the_price_holds_and_whether_somebody_must_look() -> None:
    """The two things that a customer asks next."""
    reason = ReviewReason(code="total_above", message="It costs over 500.", figures={})
    body = BODY.model_copy(update={"review": ReviewFacts(required=True, reasons=[reason])})
    assert rows(body)["valid until"] == str(BODY.valid_until)
    assert rows(body)["review"] == "It costs over 500. (total_above)"


def test_the_printer_is_named_with_those_that_were_passed_over() -> None:
    """An owner wonders why it is not the cheaper one."""
    passed = PassedOverFact(id="mini", reason="It is too small.")
    body = BODY.model_copy(
        update={"printer": BODY.printer.model_copy(update={"passed_over": [passed]})}
    )
    assert rows(body)["printer"] == "Generic FDM 200 (fdm-200)"
    assert "not mini: It is too small." in [row.text for row in quote_rows("x", body)]


def test_what_customers_do_not_see_is_marked() -> None:
    """Who reads the price out leaves it away."""
    internal = {line.label for line in BODY.price.lines if not line.public}
    assert internal
    assert {row for row in rows(BODY) if row.endswith(" (internal)")} == {
        f"{label} (internal)" for label in internal
    }


def test_one_day_is_no_days() -> None:
    """`1 days` was on every small quote."""
    assert [days(1), days(2)] == ["1 day", "2 days"]

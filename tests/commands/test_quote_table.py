"""The quote on a terminal: what a person at a shop's desk reads out."""

from __future__ import annotations

import re
import uuid
from typing import Any

from pricing_fdm.commands.quote_table import quote_table
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.web.answers import quote_response
from pricing_fdm.web.schemas import QuoteResponse
from tests.quoting.quotes import quote

BODY = quote_response(quote(), uuid.uuid4(), StageTimer().timing_ms())


def rows(body: QuoteResponse) -> dict[str, str]:
    """Label and text of each line."""
    lines = (
        re.split(r"  +", line, maxsplit=1) for line in quote_table("part.stl", body).split("\n")
    )
    return {line[0]: line[-1].strip() for line in lines}


def changed(**print_facts: Any) -> QuoteResponse:
    return BODY.model_copy(update={"print": BODY.print.model_copy(update=print_facts)})


def test_the_bill_adds_up_to_the_total_in_one_column() -> None:
    """Amounts stand below each other, to the cent."""
    table = quote_table("part.stl", BODY)
    amounts = [line for line in table.splitlines() if line.endswith(" USD")]
    assert len({len(line) for line in amounts}) == 1
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
    table = quote_table("part.stl", BODY)
    assert BODY.warnings
    for warning in BODY.warnings:
        assert f"{warning.message} ({warning.code})" in table

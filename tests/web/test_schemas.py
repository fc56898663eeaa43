"""The answers' JSON: figures are numbers, money has its cents, what is unknown is left out."""

from __future__ import annotations

import uuid

from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.web.answers import quote_response
from pricing_fdm.web.schemas import QuoteResponse
from tests.quoting.quotes import quote

ORDER = {"material": "pla", "infill": 20, "layer_thickness": 200}


def test_an_answer_is_read_back_as_it_was_written() -> None:
    """Nothing of the quote is lost between the service and a client that has the same schema."""
    body = quote_response(quote(), uuid.uuid4(), StageTimer().timing_ms())
    sent = body.model_dump_json(exclude_none=True)
    assert QuoteResponse.model_validate_json(sent) == body

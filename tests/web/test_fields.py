"""Values go out as they are: money has its cents, a URL is bounded."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from pydantic import ValidationError

from pricing_fdm.web.schemas import BreakdownLine, QuoteRequest

ORDER = {"material": "pla", "infill": 20, "layer_thickness": 200}


@pytest.mark.parametrize("amount", ["0.10", "1.00", "-0.01", "123456789.99"])
def test_money_is_a_json_number_that_prints_as_the_amount(amount: str) -> None:
    """A float that is not the nearest one would show in the last cent."""
    line = BreakdownLine(code="material", label="Material", amount_usd=Decimal(amount))
    sent = json.loads(line.model_dump_json(), parse_float=Decimal)["amount_usd"]
    assert Decimal(sent) == Decimal(amount)


@pytest.mark.parametrize("length", [0, 4097])
def test_the_url_of_a_model_is_bounded(length: int) -> None:
    """It is kept, hashed and logged in part."""
    with pytest.raises(ValidationError):
        QuoteRequest.model_validate_json(json.dumps({**ORDER, "file_url": "x" * length}))

"""What a worker stores of a job is the body that the synchronous route would have sent."""

from __future__ import annotations

import json

import pytest

from pricing_fdm.errors import InvalidRequest, ModelInvalid, PricingError
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.web.jobs.codec import HttpCodec
from pricing_fdm.web.jobs.schemas import JobOptions
from pricing_fdm.web.problems import problem_response
from pricing_fdm.web.schemas import QuoteResponse
from tests.quoting.quotes import quote


def test_an_order_is_read_back_from_the_record() -> None:
    """Also one that a gateway of an earlier release wrote, which knew fewer fields."""
    wanted = JobOptions(infill=40, rush=True)
    record = json.loads(json.dumps(wanted.record()))
    assert HttpCodec().order(record) == wanted.order()
    earlier = {name: record[name] for name in ("material", "infill", "layer_thickness", "rush")}
    assert HttpCodec().order(earlier) == wanted.order()


def test_a_quote_is_kept_as_the_whole_body() -> None:
    """With an id and times of its own."""
    body = HttpCodec().result(quote(), StageTimer())
    read_back = QuoteResponse.model_validate_json(json.dumps(body))
    assert read_back.model_dump(mode="json", exclude_none=True) == body
    assert body["quote_id"] != HttpCodec().result(quote(), StageTimer())["quote_id"]


@pytest.mark.parametrize("error", [ModelInvalid("It is empty."), InvalidRequest("No.")])
def test_a_failure_is_kept_as_the_problem_document(error: PricingError) -> None:
    """Under the id of the request that submitted the job."""
    sent = json.loads(bytes(problem_response(error, "upstream-42").body))
    assert HttpCodec().problem(error, "upstream-42") == sent

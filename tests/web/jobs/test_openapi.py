"""The description of the queue's routes is true: schemathesis holds a gateway to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import Phase, given, seed, settings

from pricing_fdm.web.openapi import describe
from tests.shop.shops import bundled_shop
from tests.web.jobs.gateway import Gateway

PROBLEM = "application/problem+json"

api = schemathesis.openapi.from_dict(
    describe(bundled_shop(), quotes=False),
    config=schemathesis.Config.from_dict({"seed": 8083, "request-timeout": 60}),
)
ASKED = {
    f"{method.upper()} {path}": api[path][method]
    for path, method in (
        ("/v1/jobs", "post"),
        ("/v1/status/{job_id}", "get"),
        ("/v1/status/{job_id}", "delete"),
    )
}


@pytest.fixture(scope="module", autouse=True)
def without_proxy() -> Iterator[None]:
    """Schemathesis sends through requests, which obeys the environment's proxies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_random_requests_are_answered_as_described(
    name: str, mode: schemathesis.GenerationMode, idle: Gateway
) -> None:
    """Right ones name hosts that may not be asked; no answer may surprise a client."""

    @settings(max_examples=25, phases=[Phase.generate], deadline=None, database=None)
    @seed(8083)
    @given(ASKED[name].as_strategy(mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        response = case.call(base_url=idle.service.base_url)
        assert response.status_code < 500
        described = case.operation.definition.raw["responses"]
        if response.status_code == 405:
            return
        assert str(response.status_code) in described
        if response.status_code >= 400:
            assert response.headers["content-type"] == [PROBLEM]
            examples = described[str(response.status_code)]["content"][PROBLEM]["examples"]
            assert response.json()["code"] in examples

    ask()


def test_a_gateway_serves_the_description_of_what_it_has(idle: Gateway) -> None:
    """No route that is not there, and all that are."""
    served = idle.service.get("/openapi.json").json()
    del served["servers"]
    assert served == json.loads(json.dumps(describe(bundled_shop(), quotes=False)))

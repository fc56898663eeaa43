"""What a route takes and answers is described with everything a client must know."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from pricing_fdm import errors
from pricing_fdm.web.info_schemas import MaterialsResponse
from pricing_fdm.web.openapi import describe
from pricing_fdm.web.openapi_operation import Operation
from pricing_fdm.web.problems import STATUS
from pricing_fdm.web.schemas import QuoteForm, QuoteRequest
from tests.shop.shops import bundled_shop

PROBLEM = "application/problem+json"


def described(**more: Any) -> Any:
    """The one operation of a path."""
    answers = {200: ("It.", MaterialsResponse)}
    [(method, operation)] = Operation("it", "It", answers, **more).path_item().items()
    return {"method": method, **operation}


def test_what_takes_a_body_is_posted() -> None:
    """Everything else is asked for."""
    posted = described(takes=QuoteRequest, takes_form=QuoteForm)
    assert posted["method"] == "post"
    assert posted["requestBody"]["required"] is True
    assert set(posted["requestBody"]["content"]) == {"application/json", "multipart/form-data"}
    assert described(takes_form=QuoteForm)["method"] == "post"
    assert described()["method"] == "get"
    assert "requestBody" not in described()


def test_only_an_open_route_names_its_own_security() -> None:
    """The others have that of the document."""
    assert "security" not in described()
    assert described(needs_token=False)["security"] == []


@pytest.mark.parametrize(
    ("problems", "status", "headers"),
    [
        ((errors.QueueFull, errors.Draining), "503", {"X-Request-ID", "Retry-After"}),
        ((errors.Unauthorized,), "401", {"X-Request-ID", "WWW-Authenticate"}),
        ((errors.ModelInvalid,), "422", {"X-Request-ID"}),
        ((errors.SlicingTimeout, errors.SourceTimeout), "504", {"X-Request-ID"}),
    ],
    ids=["when to come again", "what to send", "a fault of the model", "too slow"],
)
def test_a_problem_is_described_with_its_headers(
    problems: tuple[type[errors.PricingError], ...], status: str, headers: set[str]
) -> None:
    """One status may stand for several codes; each has its example."""
    answer = described(problems=problems)["responses"][status]
    assert set(answer["headers"]) == headers
    assert set(answer["content"][PROBLEM]["examples"]) == {kind.code for kind in problems}


def test_every_code_has_an_example_under_its_status() -> None:
    """The examples are bodies that are really sent, and each is a `Problem`."""
    described = describe(bundled_shop(), admin=True)
    validator = jsonschema_rs.validator_for(
        {"$ref": "#/components/schemas/Problem", "components": described["components"]}
    )
    operations = [each for methods in described["paths"].values() for each in methods.values()]
    never_an_answer = {errors.JobCancelled}  # it stands in the status of a job
    for kind, status in STATUS.items():
        if kind in never_an_answer:
            continue
        examples = [
            content["examples"][kind.code]["value"]
            for operation in operations
            for content in [operation["responses"].get(str(int(status)), {}).get("content", {})]
            for content in [content.get(PROBLEM, {})]
            if kind.code in content.get("examples", {})
        ]
        assert examples, kind.code
        for example in examples:
            validator.validate(example)
            assert (example["status"], example["code"]) == (status, kind.code)

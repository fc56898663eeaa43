"""Every failure has one shape and one status."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from pricing_fdm import errors
from pricing_fdm.web.problems import STATUS, on_routing_error, problem_body, problem_response
from tests.harness.service import QUOTE, RunningService

RETRY_AFTER_S = 7


def made(kind: type[errors.PricingError]) -> errors.PricingError:
    """An error of this kind with a detail."""
    error = kind("What happened.")
    error.log_detail = "for the operator only"
    if isinstance(error, errors.CapacityError):
        error.retry_after_s = RETRY_AFTER_S
    return error


@pytest.mark.parametrize("kind", STATUS, ids=lambda kind: kind.code)
def test_every_error_has_the_same_fields_and_hides_the_operator_s_detail_h2(
    kind: type[errors.PricingError],
) -> None:
    """H2: one shape for all; the detail for the log never leaves the service."""
    response = problem_response(made(kind), "upstream-42")
    assert json.loads(bytes(response.body)) == {
        "type": f"/docs#{kind.code}",
        "title": kind.title,
        "status": response.status_code,
        "detail": "What happened.",
        "code": kind.code,
        "request_id": "upstream-42",
    }
    assert response.media_type == "application/problem+json"
    assert response.status_code == STATUS[kind]


@pytest.mark.parametrize("kind", STATUS, ids=lambda kind: kind.code)
def test_an_error_of_capacity_says_when_to_come_back(kind: type[errors.PricingError]) -> None:
    """No other does: the same request would fail again."""
    wait = problem_response(made(kind), "id").headers.get("retry-after")
    assert wait == (str(RETRY_AFTER_S) if issubclass(kind, errors.CapacityError) else None)


def test_a_wrong_token_is_answered_with_the_scheme_that_is_needed() -> None:
    """RFC 9110 demands it of a 401."""
    response = problem_response(made(errors.Unauthorized), "id")
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_service_that_stops_closes_the_connection() -> None:
    """The next request has to go to another instance."""
    assert problem_response(made(errors.Draining), "id").headers["connection"] == "close"


def test_each_wrong_field_is_named() -> None:
    """A form can show the message where it belongs."""
    fault = errors.FieldFault("infill", "Must be at least 10")
    body = problem_body(errors.InvalidRequest("Wrong or missing: infill.", (fault,)), "id")
    assert body["errors"] == [{"field": "infill", "message": "Must be at least 10"}]


def test_places_in_the_model_are_told() -> None:
    """A viewer can show them; where none are known there is no such field."""
    open_mesh = errors.ModelInvalid("open", places=((1.0, 2.5, -3.0),))
    assert problem_body(open_mesh, "id")["places"] == [[1.0, 2.5, -3.0]]
    assert "places" not in problem_body(errors.ModelInvalid("empty"), "id")


@pytest.mark.parametrize(
    ("status", "code"), [(404, "not_found"), (405, "method_not_allowed"), (400, "invalid_request")]
)
def test_what_starlette_refuses_has_the_same_shape(status: int, code: str) -> None:
    """Its own headers stay: a 405 names the methods that are allowed."""
    request = Request({"type": "http", "pricing_fdm.request_id": "id"})
    response = on_routing_error(request, HTTPException(status, headers={"Allow": "GET"}))
    body = json.loads(bytes(response.body))
    assert (response.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["title"] == HTTPStatus(status).phrase
    assert response.headers["allow"] == "GET"


def test_the_service_answers_an_unknown_route_and_a_wrong_method_so(
    service: RunningService,
) -> None:
    """A client needs one way to read errors."""
    assert service.get("/nothing").json()["code"] == "not_found"
    response = service.get(QUOTE)
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert response.headers["allow"] == "POST"

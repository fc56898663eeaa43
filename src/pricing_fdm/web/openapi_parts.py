"""What descriptions are made of: answers with their bodies, headers and possible problems."""

from __future__ import annotations

import json
from collections import defaultdict
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from pricing_fdm import errors
from pricing_fdm.web.problems import STATUS, problem_response
from pricing_fdm.web.schemas import Problem

REF = "#/components/schemas/{model}"
FRONT_DOOR = (errors.InvalidRequest, errors.Unauthorized, errors.TooManyAttempts)
"""What can go wrong before any route is asked."""

_EXAMPLE_ID = "3f0c6d1e-6f0b-4a55-9d0e-0c1f4b7a9a51"
# Every answer carries it.
_REQUEST_ID = {"X-Request-ID": {"$ref": "#/components/headers/RequestId"}}


def problem_responses(kinds: tuple[type[errors.PricingError], ...]) -> dict[str, Any]:
    """An answer for each status that these errors have."""
    by_status: dict[HTTPStatus, list[type[errors.PricingError]]] = defaultdict(list)
    for kind in kinds:
        by_status[STATUS[kind]].append(kind)
    return {str(int(status)): _problem_response(by_status[status]) for status in sorted(by_status)}


def _problem_response(kinds: list[type[errors.PricingError]]) -> dict[str, Any]:
    reasons = "; ".join(f"`{kind.code}`: {kind.title}" for kind in kinds)
    answer = as_problem(f"{reasons}.")
    answer["content"]["application/problem+json"]["examples"] = {
        kind.code: {"summary": kind.title, "value": _example(kind)} for kind in kinds
    }
    if all(issubclass(kind, errors.CapacityError) for kind in kinds):
        answer["headers"]["Retry-After"] = {
            "description": "Seconds.",
            "required": True,
            "schema": {"type": "integer", "minimum": 1},
        }
    if errors.Unauthorized in kinds:
        answer["headers"]["WWW-Authenticate"] = {
            "description": "What to send.",
            "required": True,
            "schema": {"type": "string", "const": "Bearer"},
        }
    return answer


def _example(kind: type[errors.PricingError]) -> dict[str, Any]:
    """The very body that is sent, so that codes and their statuses cannot differ."""
    answer = problem_response(kind(f"{kind.title}."), _EXAMPLE_ID)
    body: dict[str, Any] = json.loads(bytes(answer.body))
    return body


def as_problem(description: str) -> dict[str, Any]:
    """An answer that is a problem document."""
    return _answer(description, "application/problem+json", body_ref(Problem))


def as_json(description: str, model: type[BaseModel]) -> dict[str, Any]:
    """An answer that is JSON of a known shape."""
    return _answer(description, "application/json", body_ref(model))


def as_text(description: str, media_type: str = "text/plain") -> dict[str, Any]:
    """An answer that is text."""
    return _answer(description, media_type, {"type": "string"})


def body_ref(model: type[BaseModel]) -> dict[str, str]:
    """Where a model is described."""
    return {"$ref": REF.format(model=model.__name__)}


def _answer(description: str, media_type: str, schema: dict[str, str]) -> dict[str, Any]:
    return {
        "description": description,
        "headers": dict(_REQUEST_ID),
        "content": {media_type: {"schema": schema}},
    }

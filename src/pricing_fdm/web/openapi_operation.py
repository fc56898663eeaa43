"""A route as OpenAPI describes it: what it takes, what it answers, what can go wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import BaseModel

from pricing_fdm import errors
from pricing_fdm.web.problem_schemas import Problem
from pricing_fdm.web.problems import STATUS, problem_response

REF = "#/components/schemas/{model}"
FRONT_DOOR = (errors.InvalidRequest, errors.Unauthorized, errors.TooManyAttempts)
"""What can go wrong before any route is asked."""

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A repeated request with the same key is the same request, with one answer.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}

Body: TypeAlias = type[BaseModel] | tuple[type[BaseModel], ...] | str
"""JSON of this shape, or of one of these; or text of this media type."""

_EXAMPLE_ID = "3f0c6d1e-6f0b-4a55-9d0e-0c1f4b7a9a51"
# Every answer carries it.
_REQUEST_ID = {"X-Request-ID": {"$ref": "#/components/headers/RequestId"}}


@dataclass(frozen=True, slots=True)
class Operation:
    """What one route does by one method; a POST where it takes a body.

    Attributes:
        name: What generated clients call it.
        answers: Description and body of each status that is no problem of `errors`.
        problems: The errors that it answers with.
        takes: The JSON body of a request.
        takes_form: The multipart form that it may be, too.
        takes_text: The media type of a text that it takes in their place.
        needs_token: Whether a token is asked for, where one is set.
        method: Where it is neither GET nor a POST with a body.
        also: What the same path does by other methods.
        tag: Under which heading it stands.
    """

    name: str
    summary: str
    answers: Mapping[int, tuple[str, Body]]
    problems: tuple[type[errors.PricingError], ...] = ()
    takes: type[BaseModel] | None = None
    takes_form: type[BaseModel] | None = None
    takes_text: str | None = None
    description: str | None = None
    parameters: tuple[dict[str, Any], ...] = ()
    needs_token: bool = True
    method: str | None = None
    also: tuple[Operation, ...] = ()
    tag: str = "service"

    def path_item(self) -> dict[str, Any]:
        """The route as OpenAPI has it."""
        takes_a_body = self.bodies or self.takes_text
        method = self.method or ("post" if takes_a_body else "get")
        item = {method: self._operation()}
        for other in self.also:
            item |= other.path_item()
        return item

    @property
    def bodies(self) -> dict[str, type[BaseModel]]:
        """What it takes, by media type."""
        by_type = {"application/json": self.takes, "multipart/form-data": self.takes_form}
        return {media_type: body for media_type, body in by_type.items() if body is not None}

    def _operation(self) -> dict[str, Any]:
        described: dict[str, Any] = {
            "operationId": self.name,
            "tags": [self.tag],
            "summary": self.summary,
        }
        if self.description:
            described["description"] = self.description
        if not self.needs_token:
            described["security"] = []
        if self.parameters:
            described["parameters"] = list(self.parameters)
        if self.takes_text:
            content: dict[str, Any] = {self.takes_text: {"schema": {"type": "string"}}}
            described["requestBody"] = {"required": True, "content": content}
        if self.bodies:
            content = {kind: {"schema": _ref(body)} for kind, body in self.bodies.items()}
            described["requestBody"] = {"required": True, "content": content}
        answers = {str(status): _answer(*answer) for status, answer in self.answers.items()}
        described["responses"] = answers | self._problems()
        return described

    def _problems(self) -> dict[str, Any]:
        by_status: dict[int, list[type[errors.PricingError]]] = {}
        for kind in self.problems:
            by_status.setdefault(int(STATUS[kind]), []).append(kind)
        return {str(status): _problem(kinds) for status, kinds in sorted(by_status.items())}


def _problem(kinds: list[type[errors.PricingError]]) -> dict[str, Any]:
    answer = _answer("; ".join(f"`{kind.code}`: {kind.title}" for kind in kinds) + ".", Problem)
    answer["content"]["application/problem+json"]["examples"] = {
        kind.code: {"summary": kind.title, "value": _example(kind)} for kind in kinds
    }
    if all(issubclass(kind, errors.CapacityError) for kind in kinds):
        schema: dict[str, Any] = {"type": "integer", "minimum": 1}
        answer["headers"]["Retry-After"] = _header("Seconds.", schema)
    if errors.Unauthorized in kinds:
        schema = {"type": "string", "const": "Bearer"}
        answer["headers"]["WWW-Authenticate"] = _header("What to send.", schema)
    return answer


def _example(kind: type[errors.PricingError]) -> dict[str, Any]:
    """The very body that is sent, so that codes and their statuses cannot differ."""
    answer = problem_response(kind(f"{kind.title}."), _EXAMPLE_ID)
    body: dict[str, Any] = json.loads(bytes(answer.body))
    return body


def _header(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "required": True, "schema": schema}


def _answer(description: str, body: Body) -> dict[str, Any]:
    if isinstance(body, str):
        media_type, schema = body, {"type": "string"}
    else:
        media_type = "application/problem+json" if body is Problem else "application/json"
        schema = _ref(body)
    content = {media_type: {"schema": schema}}
    return {"description": description, "headers": dict(_REQUEST_ID), "content": content}


def _ref(body: type[BaseModel] | tuple[type[BaseModel], ...]) -> dict[str, Any]:
    if isinstance(body, tuple):
        return {"oneOf": [_ref(each) for each in body]}
    return {"$ref": REF.format(model=body.__name__)}

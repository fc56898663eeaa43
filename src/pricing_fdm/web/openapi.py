"""`GET /openapi.json`: the API described from the models that validate it.

Nothing is written twice: bodies come from `schemas`, statuses, codes and the examples of problem
documents from `problems`. `tests/web/test_openapi_truth.py` holds the service to it.
"""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from http import HTTPStatus
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm import __version__, errors
from pricing_fdm.web import paths
from pricing_fdm.web.problems import STATUS, problem_response
from pricing_fdm.web.schemas import (
    MaterialsResponse,
    Problem,
    QuoteRequest,
    QuoteResponse,
    ReadyResponse,
)

_REF = "#/components/schemas/{model}"
_EXAMPLE_ID = "3f0c6d1e-6f0b-4a55-9d0e-0c1f4b7a9a51"
# Every answer carries it.
_REQUEST_ID = {"X-Request-ID": {"$ref": "#/components/headers/RequestId"}}
# What can go wrong before any route is asked.
_FRONT_DOOR = (errors.InvalidRequest, errors.Unauthorized, errors.TooManyAttempts)


async def get_openapi(_request: Request) -> Response:
    """The description as JSON."""
    return JSONResponse(describe())


@functools.cache
def describe() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    _, definitions = models_json_schema(
        [
            (QuoteRequest, "validation"),
            (QuoteResponse, "serialization"),
            (MaterialsResponse, "serialization"),
            (ReadyResponse, "serialization"),
            (Problem, "serialization"),
        ],
        ref_template=_REF,
        schema_generator=_AsSent,
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "pricing-fdm",
            "version": __version__,
            "description": "Prices a 3D-printed part by really slicing it.",
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            paths.QUOTE_PATH: {"post": _quote_operation()},
            paths.MATERIALS_PATH: {
                "get": {
                    "operationId": "getMaterials",
                    "summary": "What a form needs to offer",
                    "responses": {
                        "200": _json("What is on offer.", MaterialsResponse.__name__),
                        **_problem_responses((*_FRONT_DOOR, errors.InternalError)),
                    },
                }
            },
            paths.HEALTH_PATH: {
                "get": {
                    "operationId": "getHealth",
                    "summary": "The process lives",
                    "security": [],
                    "responses": {"200": _text("`OK`.")},
                }
            },
            paths.READY_PATH: {
                "get": {
                    "operationId": "getReady",
                    "summary": "Whether quotes are answered",
                    "security": [],
                    "responses": {
                        "200": _json("Ready.", ReadyResponse.__name__),
                        "503": _json("Not ready; a reason for each check.", ReadyResponse.__name__),
                    },
                }
            },
            paths.METRICS_PATH: {
                "get": {
                    "operationId": "getMetrics",
                    "summary": "Prometheus metrics",
                    "responses": {
                        "200": _text("The figures of this process since its start."),
                        **_problem_responses(_FRONT_DOOR),
                        "404": _problem("`not_found`: `METRICS_PORT` is set, they are there."),
                    },
                }
            },
        },
        "components": {
            "schemas": definitions["$defs"],
            "headers": {
                "RequestId": {
                    "description": "Names this request in our log: the one that was sent, where it "
                    "has at most 128 letters, digits, `-`, `_` and `.`; else a new one.",
                    "required": True,
                    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,128}$"},
                }
            },
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Asked for when the operator has set API_TOKEN.",
                }
            },
        },
        "security": [{"bearer": []}, {}],
    }


class _AsSent(GenerateJsonSchema):
    """What is None is left out of every body, so no schema speaks of null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        if described.get("default", schema) is None:
            del described["default"]
        return described


def _quote_operation() -> dict[str, Any]:
    return {
        "operationId": "postQuote",
        "summary": "Price a part",
        "description": "Downloads the model, slices it and answers with the price, the lead "
        "time and the figures behind them. Whole numbers are written without a fraction: 20, not "
        "20.0.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref(QuoteRequest.__name__)}},
        },
        "responses": {
            "200": _json("The quote.", QuoteResponse.__name__),
            **_problem_responses(tuple(STATUS)),
        },
    }


def _problem_responses(kinds: tuple[type[errors.PricingError], ...]) -> dict[str, Any]:
    by_status: dict[HTTPStatus, list[type[errors.PricingError]]] = defaultdict(list)
    for kind in kinds:
        by_status[STATUS[kind]].append(kind)
    return {str(int(status)): _problem_response(by_status[status]) for status in sorted(by_status)}


def _problem_response(kinds: list[type[errors.PricingError]]) -> dict[str, Any]:
    reasons = "; ".join(f"`{kind.code}`: {kind.title}" for kind in kinds)
    answer = _problem(f"{reasons}.")
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


def _problem(description: str) -> dict[str, Any]:
    return _answer(description, "application/problem+json", _ref(Problem.__name__))


def _json(description: str, model: str) -> dict[str, Any]:
    return _answer(description, "application/json", _ref(model))


def _text(description: str) -> dict[str, Any]:
    return _answer(description, "text/plain", {"type": "string"})


def _answer(description: str, media_type: str, schema: dict[str, str]) -> dict[str, Any]:
    return {
        "description": description,
        "headers": dict(_REQUEST_ID),
        "content": {media_type: {"schema": schema}},
    }


def _ref(model: str) -> dict[str, str]:
    return {"$ref": _REF.format(model=model)}

"""`GET /openapi.json`: the API described from the models that validate it.

Nothing is written twice: bodies come from `schemas`, statuses, codes and the examples of problem
documents from `problems`. `tests/web/test_openapi_truth.py` holds the service to it.
"""

from __future__ import annotations

import functools
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm import __version__, errors
from pricing_fdm.web import paths
from pricing_fdm.web.jobs import openapi as job_api
from pricing_fdm.web.openapi_parts import (
    FRONT_DOOR,
    REF,
    as_json,
    as_problem,
    as_text,
    body_ref,
    problem_responses,
)
from pricing_fdm.web.options_schemas import OptionsRequest, OptionsResponse
from pricing_fdm.web.problems import STATUS
from pricing_fdm.web.schemas import (
    MaterialsResponse,
    Problem,
    QuoteRequest,
    QuoteResponse,
    ReadyResponse,
)

_REQUESTS: tuple[type[BaseModel], ...] = (QuoteRequest, OptionsRequest)
_ANSWERS: tuple[type[BaseModel], ...] = (QuoteResponse, OptionsResponse)
_ALWAYS_ANSWERED: tuple[type[BaseModel], ...] = (MaterialsResponse, ReadyResponse, Problem)
_ONLY_OF_JOBS = {
    errors.JobNotFound,
    errors.IdempotencyConflict,
    errors.QueueUnavailable,
    errors.StoreUnavailable,
    errors.UploadsFull,
    errors.StreamsFull,
    errors.StoreFull,
}


async def get_openapi(api: dict[str, Any], _request: Request) -> Response:
    """The description as JSON."""
    return JSONResponse(api)


@functools.cache
def describe(*, quotes: bool = True, jobs: bool = False) -> dict[str, Any]:
    """The OpenAPI 3.1 document.

    Args:
        quotes: Whether the synchronous routes are there.
        jobs: Whether those of the queue are.
    """
    requests = _REQUESTS * quotes + job_api.REQUESTS * jobs
    answers = _ANSWERS * quotes + job_api.ANSWERS * jobs
    _, definitions = models_json_schema(
        [
            *((model, "validation") for model in requests),
            *((model, "serialization") for model in (*answers, *_ALWAYS_ANSWERED)),
        ],
        ref_template=REF,
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
            **(_pricing_paths() if quotes else {}),
            **(job_api.job_paths() if jobs else {}),
            paths.MATERIALS_PATH: {
                "get": {
                    "operationId": "getMaterials",
                    "summary": "What a form needs to offer",
                    "responses": {
                        "200": as_json("What is on offer.", MaterialsResponse),
                        **problem_responses((*FRONT_DOOR, errors.InternalError)),
                    },
                }
            },
            paths.HEALTH_PATH: {
                "get": {
                    "operationId": "getHealth",
                    "summary": "The process lives",
                    "security": [],
                    "responses": {"200": as_text("`OK`.")},
                }
            },
            paths.READY_PATH: {
                "get": {
                    "operationId": "getReady",
                    "summary": "Whether quotes are answered",
                    "security": [],
                    "responses": {
                        "200": as_json("Ready.", ReadyResponse),
                        "503": as_json("Not ready; a reason for each check.", ReadyResponse),
                    },
                }
            },
            paths.METRICS_PATH: {
                "get": {
                    "operationId": "getMetrics",
                    "summary": "Prometheus metrics",
                    "responses": {
                        "200": as_text("The figures of this process since its start."),
                        **problem_responses(FRONT_DOOR),
                        "404": as_problem("`not_found`: `METRICS_PORT` is set, they are there."),
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


def _pricing_paths() -> dict[str, Any]:
    return {
        paths.QUOTE_PATH: {
            "post": {
                "operationId": "postQuote",
                "summary": "Price a part",
                "description": "Downloads the model, slices it and answers with the price, the "
                "lead time and the figures behind them. Whole numbers are written without a "
                "fraction: 20, not 20.0.",
                **_priced(QuoteRequest, "The quote.", QuoteResponse),
            }
        },
        paths.OPTIONS_PATH: {
            "post": {
                "operationId": "postOptions",
                "summary": "Price a part in several ways",
                "description": "Downloads and judges the model once, slices it once for each "
                "variant that needs a slice of its own, and answers with a quote or a problem for "
                "each variant. What fails for one variant does not fail the others. Whole numbers "
                "are written without a fraction.",
                **_priced(OptionsRequest, "A quote or a problem for each.", OptionsResponse),
            }
        },
    }


def _priced(request: type[BaseModel], description: str, answer: type[BaseModel]) -> dict[str, Any]:
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": body_ref(request)}},
        },
        "responses": {
            "200": as_json(description, answer),
            **problem_responses(tuple(kind for kind in STATUS if kind not in _ONLY_OF_JOBS)),
        },
    }

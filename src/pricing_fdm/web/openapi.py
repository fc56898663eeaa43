"""`GET /openapi.json`: the API described from the models that validate it.

Nothing is written twice: bodies come from the schemas, statuses, codes and the examples of problem
documents from `problems`. `tests/web/test_openapi.py` holds the service to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import (
    GenerateJsonSchema,
    JsonSchemaMode,
    JsonSchemaValue,
    models_json_schema,
)
from pydantic_core import core_schema

from pricing_fdm import __version__
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.web import admin_openapi as admin_api
from pricing_fdm.web import paths
from pricing_fdm.web import quotes_openapi as quote_api
from pricing_fdm.web import service_openapi as service_api
from pricing_fdm.web.jobs import openapi as job_api
from pricing_fdm.web.openapi_choices import state_choices
from pricing_fdm.web.openapi_operation import REF, Operation
from pricing_fdm.web.problem_schemas import Problem
from pricing_fdm.web.problems import ROUTING_CODES, STATUS

# What `make quote` gets for its bundled part, with one of its warnings.
_EXAMPLE = Path(__file__).with_name("quote_example.json")

OLDER_NAMES = "older names"
_TAGS = {
    "quotes": "The price at once, in the answer.",
    "jobs": "The price later, with progress; in the queue mode by any of many workers.",
    "shop": "What is on offer.",
    "service": "The service itself, and its page.",
    OLDER_NAMES: "The same routes, under the names that they had first. They stay.",
}


def describe(shop: Shop, *, quotes: bool = True, admin: bool = False) -> dict[str, Any]:
    """The OpenAPI 3.1 document.

    Args:
        shop: Its choices are those of a request.
        quotes: Whether the synchronous routes are there.
        admin: Whether the admin routes are.
    """
    routes = {**(quote_api.ROUTES if quotes else {}), **job_api.ROUTES, **service_api.ROUTES}
    if admin:
        shop_path = replace(routes[paths.SHOP_PATH], also=(admin_api.POST_SHOP,))
        routes |= {paths.SHOP_PATH: shop_path, **admin_api.ROUTES}
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (Problem, "serialization"),
        *_models(routes.values()),
    ]
    _, definitions = models_json_schema(models, ref_template=REF, schema_generator=_AsSent)
    state_choices(definitions["$defs"], shop)
    definitions["$defs"]["QuoteResponse"]["examples"] = [json.loads(_EXAMPLE.read_text())]
    codes = {*(kind.code for kind in STATUS), *ROUTING_CODES.values()}
    definitions["$defs"]["Problem"]["properties"]["code"]["enum"] = sorted(codes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "pricing-fdm",
            "version": __version__,
            "description": "Prices a 3D-printed part by really slicing it.",
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name, "description": about} for name, about in _TAGS.items()],
        "paths": _path_items(routes),
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


def _path_items(routes: Mapping[str, Operation]) -> dict[str, Any]:
    """Each route under the name for new callers; at the end those that have an older name, too."""
    items = {paths.public_name(path): operation.path_item() for path, operation in routes.items()}
    for path, operation in routes.items():
        if (public := paths.public_name(path)) != path:
            items[path] = {
                method: {
                    **described,
                    "operationId": f"{described['operationId']}ByOlderName",
                    "tags": [OLDER_NAMES],
                    "description": f"The same as `{public}`.",
                }
                for method, described in operation.path_item().items()
            }
    return items


def _models(operations: Iterable[Operation]) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
    for operation in operations:
        yield from _models(operation.also)
        for taken in operation.bodies.values():
            yield taken, "validation"
        for _, body in operation.answers.values():
            if not isinstance(body, str):
                for each in body if isinstance(body, tuple) else (body,):
                    yield each, "serialization"


class _AsSent(GenerateJsonSchema):
    """What is None is left out of every body, so no schema speaks of null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        if described.get("default", schema) is None:
            del described["default"]
        return described

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

from pricing_fdm import __version__, errors
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.web import admin_openapi as admin_api
from pricing_fdm.web import paths
from pricing_fdm.web.backlog_route import BacklogRequest, BacklogResponse
from pricing_fdm.web.estimate_schemas import EstimateRequest, EstimateResponse
from pricing_fdm.web.jobs import openapi as job_api
from pricing_fdm.web.openapi_choices import state_choices
from pricing_fdm.web.openapi_operation import FRONT_DOOR, IDEMPOTENCY_KEY, REF, Operation
from pricing_fdm.web.options_schemas import OptionsForm, OptionsRequest, OptionsResponse
from pricing_fdm.web.order_estimate_schemas import OrderEstimateResponse
from pricing_fdm.web.order_schemas import PartsRequest, PartsResponse
from pricing_fdm.web.problems import ROUTING_CODES, STATUS
from pricing_fdm.web.schemas import (
    MaterialsResponse,
    Problem,
    QuoteForm,
    QuoteRequest,
    QuoteResponse,
    ReadyResponse,
)
from pricing_fdm.web.shop_schemas import ShopResponse

_NOT_OF_QUOTES = {
    errors.JobNotFound,
    errors.JobCancelled,
    errors.StoreUnavailable,
    errors.StoreFull,
    errors.StreamsFull,
    errors.ShopFaulty,
    errors.ShopVersionNotFound,
    errors.ShopStoreMissing,
    errors.ProfileNotFound,
}
_PRICING = tuple(kind for kind in STATUS if kind not in _NOT_OF_QUOTES)

# What can happen to a model before it would be sliced.
_ONLY_OF_SLICES = {
    errors.ModelUnsliceable,
    errors.QueueTimeout,
    errors.ResultIncomplete,
    errors.SlicerCrashed,
    errors.SlicingTimeout,
}
_ESTIMATING = tuple(kind for kind in _PRICING if kind not in _ONLY_OF_SLICES)

_ESTIMATE = {
    "name": "estimate",
    "in": "query",
    "description": "`true`: an estimate at once, instead of a price.",
    "schema": {"type": "boolean", "default": False},
}

_QUOTES = {
    paths.QUOTE_PATH: Operation(
        "postQuote",
        "Price a part",
        description="Takes the model from the URL or from the form, slices it and answers with the "
        "price, the lead time and the figures behind them. Whole numbers are written without a "
        "fraction: 20, not 20.0.",
        parameters=(IDEMPOTENCY_KEY,),
        takes=QuoteRequest,
        takes_form=QuoteForm,
        answers={200: ("The quote.", QuoteResponse)},
        problems=_PRICING,
        tag="quotes",
    ),
    paths.ESTIMATE_PATH: Operation(
        "postEstimate",
        "Estimate a price without slicing",
        description="Takes what a quote takes, and answers within a second: in which range the "
        "price, the time and the weight lie, with a probability of `interval`. It never binds. "
        "Where no estimate can be made of the part, `needs_slice` is true, and there are no "
        "figures.",
        parameters=(IDEMPOTENCY_KEY,),
        takes=EstimateRequest,
        takes_form=QuoteForm,
        answers={200: ("The estimate.", EstimateResponse)},
        problems=(*_ESTIMATING, errors.StoreUnavailable),
        tag="quotes",
    ),
    paths.OPTIONS_PATH: Operation(
        "postOptions",
        "Price a part in several ways",
        description="Takes the model from the URL or from the form, slices it once for each "
        "variant that needs a slice of its own, and answers with a quote or a problem for each. "
        "What fails for one variant does not fail the others. Whole numbers are written without a "
        "fraction.",
        parameters=(IDEMPOTENCY_KEY, _ESTIMATE),
        takes=OptionsRequest,
        takes_form=OptionsForm,
        answers={200: ("A quote, an estimate or a problem for each.", OptionsResponse)},
        problems=_PRICING,
        tag="quotes",
    ),
    paths.ORDER_PATH: Operation(
        "postOrder",
        "Price an order of several parts",
        description="Fetches each model, slices it, packs parts that are printed alike on plates "
        "together, and answers with one price and lead time, and each part's share. What fails one "
        "part is told with it, and the order then has no price. Whole numbers are written without "
        "a fraction.",
        parameters=(IDEMPOTENCY_KEY, _ESTIMATE),
        takes=PartsRequest,
        answers={
            200: (
                "The price or its estimate, or the problems of parts.",
                (PartsResponse, OrderEstimateResponse),
            )
        },
        problems=_PRICING,
        tag="quotes",
    ),
}
_ALWAYS = {
    paths.SHOP_PATH: Operation(
        "getShop",
        "What the shop offers",
        answers={200: ("Printers, qualities, materials, finishes, speeds.", ShopResponse)},
        problems=FRONT_DOOR,
        tag="shop",
    ),
    paths.MATERIALS_PATH: Operation(
        "getMaterials",
        "What a form needs to offer",
        answers={200: ("What is on offer.", MaterialsResponse)},
        problems=(*FRONT_DOOR, errors.InternalError),
        tag="shop",
    ),
    paths.BACKLOG_PATH: Operation(
        "putBacklog",
        "Say what waits at a printer",
        description="Machine hours that lead times count, where the shop file has them follow "
        "from its capacity. Kept in Redis where there is one.",
        method="put",
        takes=BacklogRequest,
        answers={200: ("What counts from now on.", BacklogResponse)},
        problems=(
            *FRONT_DOOR,
            errors.BodyTooLarge,
            errors.UnsupportedMediaType,
            errors.QueueUnavailable,
            errors.InternalError,
        ),
        tag="shop",
    ),
    paths.HEALTH_PATH: Operation(
        "getHealth",
        "The process lives",
        answers={200: ("`OK`.", "text/plain")},
        needs_token=False,
    ),
    paths.READY_PATH: Operation(
        "getReady",
        "Whether quotes are answered",
        answers={
            200: ("Ready.", ReadyResponse),
            503: ("Not ready; a reason for each check.", ReadyResponse),
        },
        needs_token=False,
    ),
    paths.METRICS_PATH: Operation(
        "getMetrics",
        "Prometheus metrics",
        answers={
            200: ("The figures of this process since its start.", "text/plain"),
            404: ("`not_found`: `METRICS_PORT` is set, they are there.", Problem),
        },
        problems=FRONT_DOOR,
    ),
}

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
    routes = {**(_QUOTES if quotes else {}), **job_api.ROUTES, **_ALWAYS}
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

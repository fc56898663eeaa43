"""The routes about the shop and the service, described from the models that they answer with."""

from __future__ import annotations

from pricing_fdm import errors
from pricing_fdm.web import paths
from pricing_fdm.web.backlog_route import BacklogRequest, BacklogResponse
from pricing_fdm.web.info_schemas import MaterialsResponse, ReadyResponse
from pricing_fdm.web.openapi_operation import FRONT_DOOR, Operation
from pricing_fdm.web.problem_schemas import Problem
from pricing_fdm.web.shop_schemas import ShopResponse

ROUTES = {
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

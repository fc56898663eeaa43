"""The paths of the routes, named once: a route's first name, and the public one where it has one.

Log, traces, metrics and the fingerprints of `Idempotency-Key` know a route by its first name,
whichever a caller used. The public names, under `/v1`, are the ones for new callers.
"""

from __future__ import annotations

import re

from starlette.types import Scope

from pricing_fdm.telemetry.metrics import AdminAction

QUOTE_PATH = "/internal/pricing/fdm/quote"
ESTIMATE_PATH = "/internal/pricing/fdm/estimate"
OPTIONS_PATH = "/internal/pricing/fdm/options"
ORDER_PATH = "/internal/pricing/fdm/order"
MATERIALS_PATH = "/internal/pricing/fdm/materials"
BACKLOG_PATH = "/internal/pricing/fdm/backlog"
SHOP_PATH = "/internal/pricing/fdm/shop"
RELOAD_PATH = "/internal/pricing/fdm/shop/reload"
VERSIONS_PATH = "/internal/pricing/fdm/shop/versions"
ACTIVATE_PATH = "/internal/pricing/fdm/shop/activate"
PROFILES_PATH = "/internal/pricing/fdm/profiles"
PROFILE_PATH = "/internal/pricing/fdm/profiles/{name}"
HEALTH_PATH = "/health"
READY_PATH = "/ready"
METRICS_PATH = "/metrics"
OPENAPI_PATH = "/openapi.json"
DOCS_PATH = "/docs"

# The page, and jobs.
PAGE_PATH = "/"
ASSETS_PATH = "/assets"
JOB_QUOTE_PATH = "/quote"
UPLOAD_PATH = "/upload"
STATUS_PATH = "/status/{job_id}"
EVENTS_PATH = "/status/{job_id}/events"
UPLOADS_PATH = "/v1/uploads"

_ADMIN_ACTIONS = {
    ("POST", SHOP_PATH): AdminAction.SHOP_SUBMIT,
    ("GET", VERSIONS_PATH): AdminAction.SHOP_VERSIONS,
    ("POST", ACTIVATE_PATH): AdminAction.SHOP_ACTIVATE,
    ("POST", RELOAD_PATH): AdminAction.SHOP_RELOAD,
    ("POST", PROFILES_PATH): AdminAction.PROFILE_ADD,
    ("GET", PROFILES_PATH): AdminAction.PROFILES,
    ("GET", PROFILE_PATH): AdminAction.PROFILE,
}
_ADMIN_PATHS = {path for _, path in _ADMIN_ACTIONS} - {SHOP_PATH}

_V1 = "/v1"
_PUBLIC = {
    QUOTE_PATH: f"{_V1}/quote",
    ESTIMATE_PATH: f"{_V1}/estimate",
    OPTIONS_PATH: f"{_V1}/options",
    ORDER_PATH: f"{_V1}/order",
    JOB_QUOTE_PATH: f"{_V1}/jobs",
    UPLOAD_PATH: f"{_V1}/upload",
    STATUS_PATH: f"{_V1}/status/{{job_id}}",
    EVENTS_PATH: f"{_V1}/status/{{job_id}}/events",
    SHOP_PATH: f"{_V1}/shop",
    MATERIALS_PATH: f"{_V1}/materials",
    BACKLOG_PATH: f"{_V1}/backlog",
    RELOAD_PATH: f"{_V1}/shop/reload",
    VERSIONS_PATH: f"{_V1}/shop/versions",
    ACTIVATE_PATH: f"{_V1}/shop/activate",
    PROFILES_PATH: f"{_V1}/profiles",
    PROFILE_PATH: f"{_V1}/profiles/{{name}}",
}


def public_name(route: str) -> str:
    """The public name of a route, for new callers."""
    return _PUBLIC.get(route, route)


def names_of(route: str) -> tuple[str, ...]:
    """All names of a route, the public one first."""
    return tuple(dict.fromkeys((public_name(route), route)))


def beside(path: str, route: str) -> str:
    """The name of another route, for a caller who came by `path`."""
    return public_name(route) if path.startswith(f"{_V1}/") else route


def route_of(path: str) -> str:
    """The first name of a path's route, which holds nothing of the caller's."""
    return next((route for form, route in _FORMS if form.fullmatch(path)), "unknown")


def admin_action(scope: Scope) -> AdminAction | None:
    """What a request asks of an admin; None for a request that is for everybody.

    The admin routes are there with `ADMIN_TOKEN` only, and need it by whatever method. The path of
    the shop is public, except for POST.
    """
    route, method = route_of(scope["path"]), scope["method"]
    if route in _ADMIN_PATHS:
        return _ADMIN_ACTIONS.get((method, route), AdminAction.OTHER)
    return _ADMIN_ACTIONS.get((method, route))


_OTHERS = (HEALTH_PATH, READY_PATH, METRICS_PATH, OPENAPI_PATH, DOCS_PATH, PAGE_PATH, UPLOADS_PATH)
_FORMS = [
    (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(name))), route)
    for route in (*_PUBLIC, *_OTHERS)
    for name in names_of(route)
] + [(re.compile(f"{ASSETS_PATH}/[^/]+"), ASSETS_PATH)]

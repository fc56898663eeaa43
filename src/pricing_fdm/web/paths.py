"""The paths of the routes, named once."""

from __future__ import annotations

import re

QUOTE_PATH = "/internal/pricing/fdm/quote"
OPTIONS_PATH = "/internal/pricing/fdm/options"
MATERIALS_PATH = "/internal/pricing/fdm/materials"
BACKLOG_PATH = "/internal/pricing/fdm/backlog"
SHOP_PATH = "/internal/pricing/fdm/shop"
RELOAD_PATH = "/internal/pricing/fdm/shop/reload"
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

ADMIN_PATHS = frozenset({RELOAD_PATH})
"""There with `ADMIN_TOKEN` only, which they need."""

_FIXED = frozenset(
    {
        *(QUOTE_PATH, OPTIONS_PATH, MATERIALS_PATH, BACKLOG_PATH, SHOP_PATH, RELOAD_PATH),
        *(HEALTH_PATH, READY_PATH, METRICS_PATH),
        *(OPENAPI_PATH, DOCS_PATH, PAGE_PATH, JOB_QUOTE_PATH, UPLOAD_PATH),
    }
)
_WITH_NAMES = (
    (re.compile(r"/status/[^/]+"), STATUS_PATH),
    (re.compile(r"/status/[^/]+/events"), EVENTS_PATH),
    (re.compile(r"/assets/[^/]+"), ASSETS_PATH),
)


def route_of(path: str) -> str:
    """The route that a path belongs to, by a name that holds nothing of the caller's."""
    if path in _FIXED:
        return path
    return next((route for form, route in _WITH_NAMES if form.fullmatch(path)), "unknown")

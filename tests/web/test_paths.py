"""A route has one handler under each of its names; log and metrics name it by one alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pricing_fdm.web import paths
from pricing_fdm.web.paths import (
    ASSETS_PATH,
    EVENTS_PATH,
    HEALTH_PATH,
    JOB_QUOTE_PATH,
    OPENAPI_PATH,
    QUOTE_PATH,
    STATUS_PATH,
    UPLOAD_PATH,
    UPLOADS_PATH,
    beside,
    names_of,
    public_name,
    route_of,
)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        (QUOTE_PATH, QUOTE_PATH),
        ("/v1/quote", QUOTE_PATH),
        ("/quote", JOB_QUOTE_PATH),
        ("/v1/jobs", JOB_QUOTE_PATH),
        ("/status/secret", STATUS_PATH),
        ("/v1/status/secret", STATUS_PATH),
        ("/status/secret/events", EVENTS_PATH),
        ("/v1/status/secret/events", EVENTS_PATH),
        ("/assets/page.js", ASSETS_PATH),
        ("/v1/uploads", UPLOADS_PATH),
        ("/openapi.json", OPENAPI_PATH),
        ("/openapi_json", "unknown"),
        ("/status/", "unknown"),
        ("/status/secret/events/more", "unknown"),
        (f"{QUOTE_PATH}/secret", "unknown"),
        ("/v1/secret", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_path_has_the_name_of_its_route(path: str, route: str) -> None:
    """What no route has is `unknown`; nothing of what a caller put into a path is told."""
    assert route_of(path) == route


def test_the_public_name_comes_first() -> None:
    """As the description lists them."""
    assert names_of(QUOTE_PATH) == ("/v1/quote", "/internal/pricing/fdm/quote")
    assert names_of(HEALTH_PATH) == ("/health",)


@pytest.mark.parametrize(
    ("came_by", "named"),
    [("/v1/upload", "/v1/status/{job_id}"), (UPLOAD_PATH, STATUS_PATH), ("/v1x", STATUS_PATH)],
)
def test_a_caller_hears_of_other_routes_by_names_of_the_same_kind(came_by: str, named: str) -> None:
    """A client of the original gateway knows no `/v1`."""
    assert beside(came_by, STATUS_PATH) == named


def test_the_documentation_has_the_same_table() -> None:
    """It says which name is older, and promises that both stay."""
    text = (Path(__file__).parents[2] / "docs/api.md").read_text()
    table = text.partition("## Older names")[2]
    listed = re.findall(r"^\| `(/\S+)` \| `(/\S+)` \|$", table, re.MULTILINE)
    routes = [path for path in vars(paths).values() if isinstance(path, str) and "/" in path]
    assert dict(listed) == {public_name(path): path for path in routes if public_name(path) != path}

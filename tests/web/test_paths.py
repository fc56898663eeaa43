"""Log and metrics name a route and never what a caller put into its path."""

from __future__ import annotations

import pytest

from pricing_fdm.web.paths import ASSETS_PATH, EVENTS_PATH, QUOTE_PATH, STATUS_PATH, route_of


@pytest.mark.parametrize(
    ("path", "route"),
    [
        (QUOTE_PATH, QUOTE_PATH),
        ("/status/secret", STATUS_PATH),
        ("/status/secret/events", EVENTS_PATH),
        ("/assets/page.js", ASSETS_PATH),
        ("/status/", "unknown"),
        ("/status/secret/events/more", "unknown"),
        (f"{QUOTE_PATH}/secret", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_path_has_the_name_of_its_route(path: str, route: str) -> None:
    """What no route has is `unknown`."""
    assert route_of(path) == route

"""What a query says is known to the route, or refused: nothing that was said is ignored."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from pricing_fdm.web.application import application
from pricing_fdm.web.openapi import describe
from pricing_fdm.web.paths import public_name
from tests.shop.shops import bundled_shop
from tests.web.test_application import ask, nothing

LEFT_ALONE = {"/health", "/ready", "/metrics", "/docs", "/", "/assets/logo", "/assets/{name}"}
ADMIN = "an-admin-token-of-thirty-two-characters"


@pytest.fixture(scope="module")
def app() -> Starlette:
    """A service with all routes that there are."""
    return application(
        nothing, bundled_shop(), tokens=(), admin_tokens=(ADMIN,), quotes=True, metrics=True
    )


def faults(app: Starlette, method: str, path: str, query: str) -> list[dict[str, str]]:
    """What is said to be wrong with a query."""
    path = path.replace("{job_id}", "a" * 32).replace("{name}", "a")
    answer = ask(app, f"{path}?{query}", method, {"Authorization": f"Bearer {ADMIN}"})
    assert answer.status_code == 400, (method, path, answer.text)
    body: dict[str, Any] = answer.json()
    assert body["code"] == "invalid_request"
    found: list[dict[str, str]] = body["errors"]
    return found


def test_every_route_refuses_a_parameter_that_it_does_not_know(app: Starlette) -> None:
    """By every name and method; but those that monitors ask and people open in a browser."""
    known = {
        (public_name(path), method): {
            each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"
        }
        for path, methods in describe(bundled_shop(), admin=True)["paths"].items()
        for method, operation in methods.items()
    }
    left_alone, flags = set[str](), dict[str, set[str]]()
    for route in (each for each in app.routes if isinstance(each, Route)):
        if not isinstance(route.endpoint, functools.partial):
            left_alone.add(route.path)
            continue
        for method in sorted((route.methods or set()) - {"HEAD"}):
            assert [each["field"] for each in faults(app, method, route.path, "shade=1&a=b")] == [
                *("shade", "a")
            ]
            _, taken = route.endpoint.args
            flags[f"{method} {route.path}"] = set(taken)
            described = known.get((public_name(route.path), method.lower()), set())
            assert set(taken) == described, route.path
            for flag in taken:
                for wrong in (f"{flag}=yes", f"{flag}=", f"{flag}=true&{flag}=true"):
                    assert faults(app, method, route.path, wrong)[0]["field"] == flag
    assert left_alone == LEFT_ALONE
    assert {name: each for name, each in flags.items() if each and "/v1/" in name} == {
        "POST /v1/options": {"estimate"},
        "POST /v1/order": {"estimate"},
        "POST /v1/profiles": {"dry_run"},
        "POST /v1/shop": {"dry_run", "activate"},
    }


@pytest.mark.parametrize(
    ("path", "query", "field", "says"),
    [
        ("/v1/order", "estimated=true", "estimated", "did you mean estimate?"),
        ("/v1/order", "x=1", "x", "there is estimate"),
        ("/v1/quote", "estimate=true", "estimate", "this route takes none."),
        ("/v1/quote", "<script>=1", "(unknown field)", "this route takes none."),
        ("/v1/quote", "%00=%ff", "(unknown field)", "this route takes none."),
    ],
)
def test_the_nearest_parameter_is_named(
    app: Starlette, path: str, query: str, field: str, says: str
) -> None:
    """And nothing of the caller's that is no plain word."""
    (fault,) = faults(app, "POST", path, query)
    assert fault == {"field": field, "message": f"There is no such query parameter; {says}"}


def test_thousands_of_parameters_are_not_all_named(app: Starlette) -> None:
    """The answer would be longer than the request."""
    query = "&".join(f"a{number}=1" for number in range(3000))
    assert len(faults(app, "POST", "/v1/quote", query)) == 20


def test_no_parameter_is_a_fault_of_monitors(app: Starlette) -> None:
    """Load balancers add queries of their own, and mails to links."""
    assert ask(app, "/health?probe=1").status_code == 200
    assert ask(app, "/metrics?format=prometheus").status_code == 200
    assert ask(app, "/?utm_source=mail").status_code == 200


@pytest.mark.parametrize("query", ["=3", "%ff=1", "(body)=1"])
def test_a_parameter_whose_name_cannot_be_repeated_is_not_taken_for_the_body(
    app: Starlette, query: str
) -> None:
    """`(body)` is what the fault of a whole body is called."""
    assert [fault["field"] for fault in faults(app, "POST", "/v1/order", query)] == [
        "(unknown field)"
    ]

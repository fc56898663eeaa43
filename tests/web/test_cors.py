"""Pages of other origins may call where the operator has said so, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from pricing_fdm.settings import SettingsError, load_settings
from tests.harness.service import PLAIN, QUOTE, RunningService, started_service
from tests.harness.waiting import wait_until

SHOP = "https://shop.example"
TOKEN = "t" * 32


@pytest.fixture(scope="module")
def open_to_the_shop() -> Iterator[RunningService]:
    """A service that wants a token."""
    origins = f"{SHOP}, http://localhost:3000"
    with started_service({"CORS_ALLOWED_ORIGINS": origins, "API_TOKEN": TOKEN}) as service:
        wait_until(lambda: _answers(service))
        yield service


def _answers(service: RunningService) -> bool:
    try:
        return service.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def preflight(service: RunningService, origin: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    return httpx.options(f"{service.base_url}{QUOTE}", headers=headers, **PLAIN)


@pytest.mark.parametrize("origin", [SHOP, "http://localhost:3000"])
def test_a_page_of_a_named_origin_may_call(open_to_the_shop: RunningService, origin: str) -> None:
    """Its preflight needs no token; it may read which request it was, and when to come back."""
    asked = preflight(open_to_the_shop, origin)
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked.headers["access-control-allow-origin"] == origin
    assert "DELETE" in asked.headers["access-control-allow-methods"]
    allowed = asked.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("authorization", "idempotency-key", "x-request-id"))
    answer = open_to_the_shop.get("/health", headers={"Origin": origin})
    assert answer.headers["access-control-allow-origin"] == origin
    exposed = answer.headers["access-control-expose-headers"].lower()
    assert {"x-request-id", "retry-after"} <= set(exposed.split(", "))
    assert "access-control-allow-credentials" not in answer.headers


def test_a_refusal_can_be_read_too(open_to_the_shop: RunningService) -> None:
    """Else a page can only say that something went wrong."""
    answer = open_to_the_shop.get("/metrics", headers={"Origin": SHOP})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["access-control-allow-origin"] == SHOP


def test_other_pages_may_not(open_to_the_shop: RunningService) -> None:
    """No header, no text of a library's own."""
    asked = preflight(open_to_the_shop, "https://other.example")
    assert (asked.status_code, asked.content) == (204, b"")
    assert "access-control-allow-origin" not in asked.headers


def test_it_is_off_by_default(service: RunningService) -> None:
    """A preflight is then a method like any other that is not there."""
    assert preflight(service, SHOP).status_code == 405
    answer = service.get("/health", headers={"Origin": SHOP})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "value", ["shop.example", "https://shop.example/", "ftp://shop.example", "https://", "null"]
)
def test_what_is_no_origin_stops_the_start(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would never match."""
    monkeypatch.setenv("CORS_ALLOWED_ORIGINS", value)
    with pytest.raises(SettingsError, match="CORS_ALLOWED_ORIGINS"):
        load_settings()

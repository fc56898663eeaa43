"""`POST /v1/order?estimate=true`: an order's request, answered at once and binding nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.origin import Origin, status
from tests.harness.puppet import install_fake_prusa
from tests.harness.service import ORDER, PLAIN, RunningService, running_service, variant
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.quoting.fitted import estimating_shop
from tests.web.accounts import finished, told
from tests.web.test_body import problem_of
from tests.web.test_estimate_route import estimate, totals
from tests.web.test_order_route import part

CUBE, SLAB = binary_stl(box(20, 20, 20)), binary_stl(box(40, 20, 4))


@pytest.fixture(scope="module")
def service(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """The bundled shop with a model that knows its standard quality only."""
    shop: Path = estimating_shop(tmp_path_factory.mktemp("estimated-orders") / "shop")
    slicer = {"PRUSA_BINARY": str(install_fake_prusa(shop.parent)), "SLICE_CONCURRENCY": "1"}
    with running_service({**origin.environment, **slicer, "SHOP_DIR": str(shop)}) as service:
        yield service


@pytest.fixture(scope="module")
def urls(origin: Origin) -> tuple[str, str]:
    """Of two small parts."""
    return origin.serve("oe-cube.stl", CUBE), origin.serve("oe-slab.stl", SLAB)


def send(service: RunningService, body: Any, query: str = "true", **headers: str) -> httpx.Response:
    """An order with a query."""
    url = f"{service.base_url}{ORDER}?estimate={query}"
    return httpx.post(url, json=body, headers=headers, **PLAIN)


def test_an_order_is_estimated_in_its_shape_and_nothing_is_sliced(
    service: RunningService, urls: tuple[str, str]
) -> None:
    """One price with both ends, a share for each part, and the plates."""
    wanted = [part(urls[0], quantity=2), part(urls[1]), part(urls[0])]
    before = totals(service)
    response = send(service, {"parts": wanted, "rush": True}, **{"X-Request-ID": "order-estimated"})
    assert response.status_code == 200, response.text
    assert service.leftovers() == []
    body = response.json()
    assert set(body) == {
        *("binding", "needs_slice", "currency", "shop_version", "interval", "price"),
        *("lead_time_days", "plates", "parts", "warnings", "timing_ms"),
    }
    assert (body["binding"], body["needs_slice"], body["interval"]) == (False, False, 0.9)
    assert body["plates"] == [
        {
            "copies": 4,
            "times": 1,
            "printer": "fdm-200",
            "parts": [{"part": n, "copies": many} for n, many in enumerate((2, 1, 1))],
        }
    ]
    assert body["lead_time_days"] == {"low": 1, "likely": 1, "high": 1}
    assert [each["code"] for each in body["warnings"]] == ["speed_not_earlier"]
    parts = [each["estimate"] for each in body["parts"]]
    assert sum(Decimal(each["share"]["likely"]) for each in parts) == Decimal(
        body["price"]["likely"]
    )
    single = estimate(service, {"file_url": urls[1], **variant()}).json()
    alike = ("print_time_hours", "filament_weight_g", "basis", "model", "print", "printer")
    assert {name: parts[1][name] for name in alike} == {name: single[name] for name in alike}
    grown = {name: value - before.get(name, 0) for name, value in totals(service).items()}
    assert {name: value for name, value in grown.items() if value} == {
        "estimates_total given": 4,
        "estimate_duration_seconds_count": 2,
    }
    (line,) = finished(service, "order-estimated")
    assert (line["total_low"], line["parts"]) == (body["price"]["low"], 3)
    assert [event["part"] for event in told(service, "estimate_given", "order-estimated")] == [
        0,
        1,
        2,
    ]
    assert told(service, "quote_requested", "order-estimated") == []


def test_a_part_may_be_an_upload(service: RunningService) -> None:
    """Once it was sent it need not be sent again."""
    job = httpx.post(f"{service.base_url}/v1/upload", files={"file": CUBE}, **PLAIN).json()
    body = send(service, {"parts": [{**variant(), "upload_id": job["upload_id"]}]}).json()
    assert body["parts"][0]["estimate"]["model"]["sha256"] == hashlib.sha256(CUBE).hexdigest()
    status = f"{service.base_url}/v1/status/{job['job_id']}"
    wait_until(lambda: httpx.get(status, **PLAIN).json()["status"] == "completed")


def test_a_part_that_cannot_be_told_leaves_the_order_without_a_price(
    service: RunningService, origin: Origin, urls: tuple[str, str]
) -> None:
    """It is named; each of the others has its own figures, and no share."""
    origin.behaviours["/oe-gone"] = status(404)
    wanted = [part(urls[0]), part(origin.url("oe-gone")), part(urls[1], layer_thickness=100)]
    before = totals(service)
    body = send(service, {"parts": wanted}).json()
    assert not {"price", "lead_time_days", "plates"} & set(body)
    assert (body["needs_slice"], body["reason"]) == (
        True,
        "Part 1 has a problem. Part 2 needs a slice.",
    )
    good, gone, unfitted = body["parts"]
    assert good["estimate"]["filament_weight_g"]["likely"] > 0
    assert "share" not in good["estimate"]
    assert gone["problem"]["code"] == "download_failed"
    assert "not fitted" in unfitted["estimate"]["reason"]
    assert not {"print_time_hours", "filament_weight_g"} & set(unfitted["estimate"])
    grown = {name: value - before.get(name, 0) for name, value in totals(service).items()}
    assert {name: value for name, value in grown.items() if value} == {
        "estimates_total given": 1,
        "estimates_total needs_slice": 1,
        "estimates_total failed": 1,
        "estimate_duration_seconds_count": 1,
    }


def test_an_estimate_that_is_sent_again_is_the_same_and_no_order_has_its_key(
    service: RunningService, urls: tuple[str, str]
) -> None:
    """A key is never ignored; `estimate=yes` must not cost a slice that nobody wanted."""
    body, key = {"parts": [part(urls[0])]}, {"Idempotency-Key": "order-estimate"}
    first = send(service, body, **key)
    assert first.status_code == 200, first.text
    assert send(service, body, **key).content == first.content
    problem_of(send(service, body, "false", **key), 422, "idempotency_conflict")
    single, own_key = {"file_url": urls[0], **variant()}, {"Idempotency-Key": "estimate"}
    once = estimate(service, single, headers=own_key)
    assert estimate(service, single, headers=own_key).content == once.content
    assert send(service, body).json()["timing_ms"] != first.json()["timing_ms"]
    wrong = problem_of(send(service, body, "yes"), 400, "invalid_request")
    assert wrong["errors"][0]["field"] == "estimate"

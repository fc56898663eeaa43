"""Orders of several parts and their estimates, asked of the running image."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from e2e.containers import Container
from e2e.figures import of_all_plates
from tests.harness.origin import Origin
from tests.harness.service import ESTIMATE, ORDER, order
from tests.harness.shapes import binary_stl, box

BASE_FEE, MARGIN = Decimal(5), Decimal("1.3")
CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def parts(origin: Origin, cube: str) -> list[dict[str, Any]]:
    """A cube, and three slabs."""
    slab = origin.serve("order-slab.stl", binary_stl(box(40, 20, 4)))
    return [order(cube), order(slab, quantity=3)]


def ask(service: Container, parts: list[dict[str, Any]], query: str = "") -> dict[str, Any]:
    """The answer to an order."""
    answer = service.post({"parts": parts}, path=f"{ORDER}{query}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_price_of_an_order_follows_from_its_plates(
    service: Container, parts: list[dict[str, Any]]
) -> None:
    """One base fee, and shares that add up."""
    body = ask(service, parts)
    lying = [
        (each["part"], each["copies"] * plate["times"])
        for plate in body["plates"]
        for each in plate["parts"]
    ]
    for number, wanted in enumerate((1, 3)):
        assert sum(copies for part, copies in lying if part == number) == wanted
    grams, hours = of_all_plates(body)
    total = (grams * Decimal("0.02") + hours * 10 + BASE_FEE) * MARGIN
    shown = Decimal(body["price"]["total"])
    # Grams and hours are shown rounded, the price is computed from unrounded ones.
    assert abs(shown - total.quantize(CENT, ROUND_HALF_UP)) <= 2 * CENT
    assert sum(Decimal(each["part"]["share"]) for each in body["parts"]) == shown


def test_its_estimate_binds_nobody_and_has_one_base_fee(
    service: Container, parts: list[dict[str, Any]]
) -> None:
    """The same parts on the same plates; nothing is sliced for it."""
    real = ask(service, parts)
    slices = service.metric("pricing_fdm_slice_duration_seconds_count")
    body = ask(service, parts, "?estimate=true")
    assert (body["binding"], body["needs_slice"], body["interval"]) == (False, False, 0.9)
    assert "quote_id" not in body
    price = {name: Decimal(amount) for name, amount in body["price"].items()}
    assert price["low"] <= price["likely"] <= price["high"]
    told = [each["estimate"] for each in body["parts"]]
    assert [each["model"] for each in told] == [each["part"]["model"] for each in real["parts"]]
    assert [(each["parts"], each["times"]) for each in body["plates"]] == [
        (each["parts"], each["times"]) for each in real["plates"]
    ]
    singles = [service.post(part, path=ESTIMATE).json()["price"]["likely"] for part in parts]
    saved = sum(map(Decimal, singles)) - price["likely"]
    # Plates that are shared have their purge line once, too.
    assert BASE_FEE * MARGIN - 2 * CENT <= saved < BASE_FEE * MARGIN + 1
    assert service.metric("pricing_fdm_slice_duration_seconds_count") == slices


def test_a_broken_part_leaves_the_order_without_a_price(
    service: Container, origin: Origin, parts: list[dict[str, Any]]
) -> None:
    """It has the problem of a quote; in an estimate the other part has its figures."""
    broken = order(origin.serve("order-page.stl", b"<html></html>"))
    refused = service.post(broken).json()["code"]
    wanted = [parts[0], broken]
    priced, estimated = ask(service, wanted), ask(service, wanted, "?estimate=true")
    for body in (priced, estimated):
        assert "price" not in body
        assert body["parts"][1]["problem"]["code"] == refused == "model_format"
    assert estimated["reason"] == "Part 1 has a problem."
    assert estimated["parts"][0]["estimate"]["print_time_hours"]["likely"] > 0

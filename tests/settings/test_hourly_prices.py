"""`PRICE_MODEL=hourly`: whole prices by hand, through the one formula."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from pricing_fdm.model import Complexity
from pricing_fdm.pricing.quote import Price, price
from pricing_fdm.settings import load_settings
from pricing_fdm.shop.catalogue import Shop
from tests.harness.qualities import MATERIALS
from tests.pricing.jobs import job, metrics

LOW, MEDIUM, HIGH = Complexity.LOW, Complexity.MEDIUM, Complexity.HIGH


@pytest.fixture
def hourly(monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The bundled shop, charging by the hour."""
    monkeypatch.setenv("PRICE_MODEL", "hourly")
    return load_settings().shop.load()


def priced(shop: Shop, hours: str, complexity: Complexity, **order: Any) -> Price:
    """A part of 100 g."""
    copy = metrics(str(Decimal(hours) * 3600), "100")
    return price(job(copy, shop=shop, complexity=complexity, **order))


@pytest.mark.parametrize(
    ("hours", "complexity", "order", "total", "bill"),
    [
        pytest.param(
            "4.25",
            MEDIUM,
            {"material": "pla"},
            "9.90",
            {"machine": "12.75", "material_factor": "-2.55", "price_ending": "-0.30"},
            id="4h15-pla: 12.75 x 0.8 = 10.20, down to 9.90",
        ),
        pytest.param(
            "4.25",
            MEDIUM,
            {"material": "petg"},
            "11.90",
            {"machine": "12.75", "price_ending": "-0.85"},
            id="4h15-petg: 12.75, down to 11.90",
        ),
        pytest.param(
            "1",
            LOW,
            {"material": "petg"},
            "4.90",
            {"machine": "3.00", "complexity": "-0.60", "price_ending": "2.50"},
            id="1h-simple: 3 x 0.8 = 2.40, up to 4.90",
        ),
        pytest.param(
            "10",
            HIGH,
            {"material": "abs", "speed": "rush"},
            "49.90",
            {
                "machine": "30.00",
                "material_factor": "6.00",
                "complexity": "7.20",
                "speed": "8.64",
                "price_ending": "-1.94",
            },
            id="10h-all: 30 x 1.2 = 36 x 1.2 = 43.20 x 1.2 = 51.84, down to 49.90",
        ),
        pytest.param(
            "4.25",
            MEDIUM,
            {"material": "petg", "quantity": 10},
            "119.90",
            {"machine": "127.50", "price_ending": "-7.60"},
            id="ten-of-4h15: 127.50, down to 119.90; the order ends so, not each copy",
        ),
    ],
)
def test_orders_by_the_hour(
    *,
    hourly: Shop,
    hours: str,
    complexity: Complexity,
    order: dict[str, Any],
    total: str,
    bill: Mapping[str, str],
) -> None:
    """By hand, as in each id; margin, material by the gram and base fee are none."""
    found = priced(hourly, hours, complexity, **order)
    assert str(found.total) == total
    nothing = {"material": "0.00", "base_fee": "0.00", "margin": "0.00"}
    assert {line.code: str(line.amount) for line in found.lines} == {**nothing, **bill}


def test_a_unit_is_a_share_of_the_final_total(hourly: Shop) -> None:
    """127.50 ends at 119.90; a tenth of that."""
    assert str(priced(hourly, "4.25", MEDIUM, material="petg", quantity=10).unit) == "11.99"


@pytest.mark.parametrize("material", MATERIALS)
def test_each_material_has_its_factor(hourly: Shop, material: str) -> None:
    """PLA 0.8, ABS 1.2, any other 1; seen before the ending."""
    factor = {"pla": "0.8", "abs": "1.2"}.get(material, "1")
    found = priced(hourly, "1000", MEDIUM, material=material)
    amounts = {line.code: line.amount for line in found.lines}
    assert amounts.get("material_factor", 0) == 3000 * (Decimal(factor) - 1)

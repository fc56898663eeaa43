"""Charging by the hour, as a tariff of the same engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.model import (
    Complexity,
    LayerThickness,
    Material,
    Metrics,
    Order,
    PrintSettings,
)
from pricing_fdm.order_request import OrderRequest
from pricing_fdm.pricing.price_ending import PriceEnding, with_ending
from pricing_fdm.pricing.price_models import (
    DEFAULT_RUSH_MULTIPLIERS,
    PriceModel,
    hourly_tariff,
)
from pricing_fdm.pricing.quote import Price, price

HOURLY = hourly_tariff(rate_usd_per_hour=Decimal("3.00"), rush_multiplier=Decimal("1.2"))

LOW, MEDIUM, HIGH = Complexity.LOW, Complexity.MEDIUM, Complexity.HIGH
PLA, PETG, ABS = Material.PLA, Material.PETG, Material.ABS


def metrics(print_time_s: str, filament_g: str = "100") -> Metrics:
    """Only time and weight can decide a price."""
    return Metrics(
        print_time_s=Decimal(print_time_s),
        filament_mm=Decimal(1000),
        filament_g=Decimal(filament_g),
        volume_cm3=Decimal(1),
        layers=100,
    )


def order(material: Material, quantity: int = 1, *, rush: bool = False) -> Order:
    return Order(PrintSettings(material, 20, LayerThickness.STANDARD), quantity, rush=rush)


def lines(found: Price) -> dict[str, str]:
    return {line.code: str(line.amount_usd) for line in found.breakdown}


@pytest.mark.parametrize(
    ("hours", "complexity", "wanted", "total", "bill"),
    [
        pytest.param(
            "4.25",
            MEDIUM,
            order(PLA),
            "9.90",
            {"machine": "12.75", "material_factor": "-2.55", "price_ending": "-0.30"},
            id="4h15-pla: 12.75 x 0.8 = 10.20, down to 9.90",
        ),
        pytest.param(
            "4.25",
            MEDIUM,
            order(PETG),
            "11.90",
            {"machine": "12.75", "price_ending": "-0.85"},
            id="4h15-petg: 12.75, down to 11.90",
        ),
        pytest.param(
            "1",
            LOW,
            order(PETG),
            "4.90",
            {"machine": "3.00", "complexity": "-0.60", "price_ending": "2.50"},
            id="1h-simple: 3 x 0.8 = 2.40, up to 4.90",
        ),
        pytest.param(
            "10",
            HIGH,
            order(ABS, rush=True),
            "49.90",
            {
                "machine": "30.00",
                "material_factor": "6.00",
                "complexity": "7.20",
                "rush": "8.64",
                "price_ending": "-1.94",
            },
            id="10h-all: 30 x 1.2 = 36 x 1.2 = 43.20 x 1.2 = 51.84, down to 49.90",
        ),
        pytest.param(
            "4.25",
            MEDIUM,
            order(PETG, 10),
            "119.90",
            {"machine": "127.50", "price_ending": "-7.60"},
            id="ten-of-4h15: 127.50, down to 119.90; the order ends so, not each copy",
        ),
    ],
)
def test_orders_by_the_hour(
    hours: str, complexity: Complexity, wanted: Order, total: str, bill: Mapping[str, str]
) -> None:
    """By hand, as in each id; margin, material by the gram and base fee are none."""
    found = price(metrics(str(Decimal(hours) * 3600)), wanted, complexity, HOURLY)
    assert str(found.total_usd) == total
    nothing = {"material": "0.00", "base_fee": "0.00", "margin": "0.00"}
    assert lines(found) == {**nothing, **bill}
    assert str(found.material_cost_usd) == str(found.base_fee_usd) == "0.00"
    assert str(found.machine_cost_usd) == bill["machine"]


def test_a_unit_is_a_share_of_the_final_total() -> None:
    """127.50 ends at 119.90; a tenth of that."""
    found = price(metrics("15300"), order(PETG, 10), MEDIUM, HOURLY)
    assert str(found.unit_usd) == "11.99"


@pytest.mark.parametrize(
    ("material", "factor"),
    [(material, {PLA: "0.8", ABS: "1.2"}.get(material, "1")) for material in Material],
)
def test_each_material_has_its_factor(material: Material, factor: str) -> None:
    """PLA 0.8, PETG 1, ABS 1.2, any other 1; seen before the ending."""
    found = lines(price(metrics("3600000"), order(material), MEDIUM, HOURLY))
    assert Decimal(found.get("material_factor", 0)) == 3000 * (Decimal(factor) - 1)


@pytest.mark.parametrize("written", ["pla", "PLA", "Pla", "pLa"])
def test_the_case_of_the_material_never_changes_the_price(written: str) -> None:
    """Where names are compared letter by letter, `PLA` is cheap and `pla` pays for another."""
    body = {"material": written, "infill": 20, "layer_thickness": 200}
    request = OrderRequest.model_validate_json(json.dumps(body))
    found = price(metrics("36000"), request.order(), MEDIUM, HOURLY)
    assert found == price(metrics("36000"), order(PLA), MEDIUM, HOURLY)
    assert str(found.total_usd) == "19.90"


def test_each_model_has_a_rush_multiplier() -> None:
    """Where the operator names none."""
    multipliers = {model: str(each) for model, each in DEFAULT_RUSH_MULTIPLIERS.items()}
    assert multipliers == {PriceModel.ADR010: "1.25", PriceModel.HOURLY: "1.20"}


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(
    st.decimals(1, 1_000_000, places=1),
    st.decimals(1, 5000, places=4),
    st.builds(order, st.sampled_from(Material), st.integers(1, 10_000), rush=st.booleans()),
    st.sampled_from(Complexity),
    st.decimals("0.01", 100, places=2),
)
def test_every_total_is_the_formula_s_and_the_lines_add_up(
    time_s: Decimal, weight_g: Decimal, wanted: Order, complexity: Complexity, rate: Decimal
) -> None:
    """Fractions know no rounding at all; the weight never counts."""
    tariff = hourly_tariff(rate_usd_per_hour=rate, rush_multiplier=Decimal("1.2"))
    found = price(metrics(str(time_s), str(weight_g)), wanted, complexity, tariff)
    less, one, more = Fraction(8, 10), Fraction(1), Fraction(12, 10)
    exact_usd = (
        Fraction(time_s)
        / 3600
        * wanted.quantity
        * Fraction(rate)
        * {LOW: less, MEDIUM: one, HIGH: more}[complexity]
        * {PLA: less, ABS: more}.get(wanted.print_settings.material, one)
        * (more if wanted.rush else one)
    )
    digits = 10**20
    near = Decimal(exact_usd.numerator * digits // exact_usd.denominator) / digits
    assert found.total_usd == with_ending(near, PriceEnding.LADDER)
    assert sum(line.amount_usd for line in found.breakdown) == found.total_usd
    assert [line.code for line in found.breakdown] == sorted(
        (line.code for line in found.breakdown), key=CODES.index
    )


CODES = (
    "material",
    "machine",
    "base_fee",
    "margin",
    "material_factor",
    "complexity",
    "rush",
    "price_ending",
    "rounding",
)

"""Rates are checked once, when the tariff is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, fields
from decimal import Decimal
from typing import Any

import pytest

from pricing_fdm.model import Complexity, Material
from pricing_fdm.pricing.price_ending import PriceEnding
from pricing_fdm.pricing.tariff import Tariff

COSTS = dict.fromkeys(Material, Decimal("0.02"))
RATES = ("base_fee_usd", "machine_rate_usd_per_hour", "margin_multiplier")


def tariff(**changed: object) -> Tariff:
    given: dict[str, Any] = {
        "base_fee_usd": Decimal("5.00"),
        "machine_rate_usd_per_hour": Decimal("10.00"),
        "margin_multiplier": Decimal("1.30"),
        "cost_usd_per_g": COSTS,
    }
    return Tariff(**{**given, **changed})


def test_a_tariff_by_the_hour_is_only_another_tariff() -> None:
    """No second code path: fee and material cost may be zero."""
    free = dict.fromkeys(Material, Decimal(0))
    hourly = tariff(base_fee_usd=Decimal(0), cost_usd_per_g=free)
    assert hourly.machine_rate_usd_per_hour == 10


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("value", ["-0.01", "NaN", "sNaN", "Infinity"])
def test_a_rate_that_is_negative_or_no_number_is_refused(name: str, value: str) -> None:
    """It would pay the customer, or turn every price into NaN."""
    with pytest.raises(ValueError, match=name):
        tariff(**{name: Decimal(value)})


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("value", [5.0, 5, "5.00"])
def test_a_rate_that_is_no_decimal_is_refused(name: str, value: object) -> None:
    """No float ever touches a price."""
    with pytest.raises(TypeError, match=f"{name} must be a Decimal"):
        tariff(**{name: value})


def test_a_margin_of_zero_is_refused() -> None:
    """It gives everything away; a forgotten setting looks like this."""
    with pytest.raises(ValueError, match="margin_multiplier must be above zero"):
        tariff(margin_multiplier=Decimal("0.00"))


@pytest.mark.parametrize(
    ("costs", "error", "message"),
    [
        pytest.param({**COSTS, Material.TPU: Decimal(-1)}, ValueError, r"\[tpu\]", id="negative"),
        pytest.param({**COSTS, Material.TPU: 0.035}, TypeError, r"\[tpu\]", id="float"),
        pytest.param(
            {m: c for m, c in COSTS.items() if m not in {Material.PC, Material.ABS_ESD}},
            ValueError,
            "lacks abs-esd, pc",
            id="missing",
        ),
    ],
)
def test_each_material_needs_a_cost(
    costs: Mapping[Material, object], error: type[Exception], message: str
) -> None:
    """A material on offer without a cost would fail at its first quote, not at the start."""
    with pytest.raises(error, match=message):
        tariff(cost_usd_per_g=costs)


def test_what_a_tariff_leaves_out_changes_nothing() -> None:
    """Factors of one and no ending: the formula of ADR-010."""
    plain = tariff()
    assert set(plain.material_factor.values()) == set(plain.complexity_factor.values()) == {1}
    assert plain.rush_multiplier == 1
    assert plain.price_ending is PriceEnding.NONE


@pytest.mark.parametrize(
    ("name", "key"), [("material_factor", Material.ABS), ("complexity_factor", Complexity.LOW)]
)
@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        pytest.param(Decimal(0), ValueError, "above zero", id="zero"),
        pytest.param(Decimal(-1), ValueError, "at least zero", id="negative"),
        pytest.param(Decimal("NaN"), ValueError, "finite", id="no-number"),
        pytest.param(0.8, TypeError, "Decimal", id="float"),
        pytest.param(None, ValueError, "lacks", id="missing"),
    ],
)
def test_each_factor_is_a_number_above_zero(
    name: str, key: Material | Complexity, value: object, error: type[Exception], message: str
) -> None:
    """Zero gives everything away; a missing one would fail at its first quote."""
    table: dict[object, object] = dict.fromkeys(type(key), Decimal(1))
    table[key] = value
    if value is None:
        del table[key]
    with pytest.raises(error, match=rf"{name}.*{key.value}.*{message}|{name} lacks {key.value}"):
        tariff(**{name: table})


def test_a_rush_order_is_never_cheaper() -> None:
    """A multiplier of 0.2 was meant to be 1.2."""
    assert tariff(rush_multiplier=Decimal(1)).rush_multiplier == 1
    with pytest.raises(ValueError, match="rush_multiplier must be at least 1"):
        tariff(rush_multiplier=Decimal("0.2"))


def test_a_tariff_never_changes() -> None:
    """Two quotes of one process are priced alike; the mapping given in may live on."""
    costs = dict(COSTS)
    built = tariff(cost_usd_per_g=costs)
    costs[Material.PLA] = Decimal(99)
    assert built.cost_usd_per_g[Material.PLA] == Decimal("0.02")
    with pytest.raises(TypeError):
        built.cost_usd_per_g[Material.PLA] = Decimal(99)  # type: ignore[index]
    for field in fields(Tariff):
        with pytest.raises(FrozenInstanceError):
            setattr(built, field.name, Decimal(99))

"""The rates of the environment become the tariff that prices are computed with."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pricing_fdm.model import Material
from pricing_fdm.settings import load_settings


def test_rates_reach_the_tariff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each material has its own variable."""
    for number, material in enumerate(Material, start=1):
        name = material.value.upper().replace("-", "_")
        monkeypatch.setenv(f"MATERIAL_{name}_COST_PER_G", f"0.{number}")
    costs = load_settings().rates.tariff().cost_usd_per_g
    assert [str(costs[material]) for material in Material] == [f"0.{n}" for n in range(1, 9)]


@pytest.mark.parametrize(("price_model", "default"), [("adr010", "1.25"), ("hourly", "1.20")])
def test_each_price_model_has_its_own_rush_multiplier_until_one_is_set(
    monkeypatch: pytest.MonkeyPatch, price_model: str, default: str
) -> None:
    """A value that is set holds for both."""
    monkeypatch.setenv("PRICE_MODEL", price_model)
    assert load_settings().rates.tariff().rush_multiplier == Decimal(default)
    monkeypatch.setenv("RUSH_MULTIPLIER", "2")
    assert load_settings().rates.tariff().rush_multiplier == 2


def test_the_hourly_model_takes_its_own_rate_and_not_those_of_adr010(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both kinds of rates may stand in one environment."""
    monkeypatch.setenv("PRICE_MODEL", "hourly")
    monkeypatch.setenv("HOURLY_RATE_USD_PER_HOUR", "4.50")
    monkeypatch.setenv("MACHINE_RATE_USD_PER_HOUR", "99")
    assert load_settings().rates.tariff().machine_rate_usd_per_hour == Decimal("4.50")

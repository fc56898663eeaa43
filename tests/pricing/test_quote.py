"""The price of an order, against figures computed by hand and against exact fractions."""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.model import (
    Complexity,
    Metrics,
    Order,
    PrintSettings,
)
from pricing_fdm.pricing import quote
from pricing_fdm.pricing.price_ending import PriceEnding
from pricing_fdm.pricing.quote import Price
from pricing_fdm.pricing.tariff import Tariff
from tests.harness import qualities
from tests.harness.qualities import MATERIALS

# The default rates of ADR-010.
COSTS: Mapping[str, Decimal] = {
    "pla": Decimal("0.02"),
    "abs": Decimal("0.025"),
    "petg": Decimal("0.03"),
    "abs-esd": Decimal("0.035"),
    "asa": Decimal("0.028"),
    "nylon": Decimal("0.04"),
    "pc": Decimal("0.045"),
    "tpu": Decimal("0.035"),
}
DEFAULT = Tariff(Decimal("5.00"), Decimal("10.00"), Decimal("1.30"), COSTS)


def metrics(print_time_s: str, filament_g: str) -> Metrics:
    """Only time and weight decide a price."""
    return Metrics(
        print_time_s=Decimal(print_time_s),
        filament_mm=Decimal(1000),
        filament_g=Decimal(filament_g),
        volume_cm3=Decimal(1),
        layers=100,
    )


def price(
    part: Metrics,
    material: str,
    quantity: int,
    rates: Tariff,
    complexity: Complexity = Complexity.MEDIUM,
    *,
    rush: bool = False,
) -> Price:
    """Of an order, only this decides its price."""
    settings = PrintSettings(material, 20, qualities.STANDARD)
    return quote.price(
        part, Order(settings, quantity, speed="rush" if rush else None), complexity, rates
    )


def tariff(base_fee: str, rate: str, margin: str, pla: str) -> Tariff:
    costs = {**COSTS, "pla": Decimal(pla)}
    return Tariff(Decimal(base_fee), Decimal(rate), Decimal(margin), costs)


def lines(found: Price) -> dict[str, str]:
    return {line.code: str(line.amount_usd) for line in found.breakdown}


def test_the_figures_of_adr_010() -> None:
    """615 g of PLA and 2.82 h; the ADR's example forgets the margin and shows 3 days.

    By hand: 615 x 0.02 = 12.30; 2.82 x 10 = 28.20; + 5.00 = 45.50; x 1.30 = 59.15;
    margin 45.50 x 0.30 = 13.65; 2.82 h < 8 h: 1 day.
    """
    found = price(metrics("10152", "615"), "pla", 1, DEFAULT)
    assert str(found.total_usd) == str(found.unit_usd) == "59.15"
    assert str(found.material_cost_usd) == "12.30"
    assert str(found.machine_cost_usd) == "28.20"
    assert str(found.base_fee_usd) == "5.00"
    assert found.lead_time_days == 1
    assert found.print_time_hours == Decimal("2.82")
    assert lines(found) == {
        "material": "12.30",
        "machine": "28.20",
        "base_fee": "5.00",
        "margin": "13.65",
    }
    assert all(line.label for line in found.breakdown)


def test_a_cube() -> None:
    """17m 1s and 4.206588 g of PLA.

    By hand: 4.206588 x 0.02 = 0.08413176; 1021 s x 10 / 3600 = 2.836111; + 5 = 7.920243;
    x 1.30 = 10.296316; margin 2.376073.
    """
    found = price(metrics("1021", "4.206588"), "pla", 1, DEFAULT)
    assert str(found.total_usd) == "10.30"
    assert lines(found) == {
        "material": "0.08",
        "machine": "2.84",
        "base_fee": "5.00",
        "margin": "2.38",
    }


def test_quantity_multiplies_material_and_machine_but_not_the_fee() -> None:
    """Ten of the same cubes.

    By hand: 0.8413176; 28.361111; + 5 = 34.202429; x 1.30 = 44.463157; / 10 = 4.446316;
    margin 10.260729; ten times 1021 s = 2.836 h: 1 day.
    """
    found = price(metrics("1021", "4.206588"), "pla", 10, DEFAULT)
    assert (str(found.total_usd), str(found.unit_usd)) == ("44.46", "4.45")
    assert lines(found) == {
        "material": "0.84",
        "machine": "28.36",
        "base_fee": "5.00",
        "margin": "10.26",
    }
    assert found.lead_time_days == 1
    assert round(found.print_time_hours, 6) == Decimal("0.283611")


@pytest.mark.parametrize(
    ("material", "total"),
    [
        ("pla", "22.10"),
        ("abs", "22.75"),
        ("petg", "23.40"),
        ("abs-esd", "24.05"),
        ("asa", "23.14"),
        ("nylon", "24.70"),
        ("pc", "25.35"),
        ("tpu", "24.05"),
    ],
)
def test_each_material_has_its_cost(material: str, total: str) -> None:
    """By hand: 100 g and 1 h: (100 x cost + 10 + 5) x 1.30; PLA: (2 + 15) x 1.30 = 22.10."""
    assert str(price(metrics("3600", "100"), material, 1, DEFAULT).total_usd) == total


def test_an_order_of_days() -> None:
    """Three pulleys of 3d 17h 35m 21s and 400.66 g of ABS.

    By hand: 3 x 400.66 x 0.025 = 30.0495; 3 x 322521 s = 967563 s = 268.7675 h, x 10 = 2687.675;
    + 5 = 2722.7245; x 1.30 = 3539.54185; margin 816.81735; lines 30.05 + 2687.68 + 5.00 + 816.82 =
    3539.55, so 0.01 too much; 268.7675 / 24 = 11.2: 12 days.
    """
    found = price(metrics("322521", "400.66"), "abs", 3, DEFAULT)
    assert str(found.total_usd) == "3539.54"
    assert lines(found) == {
        "material": "30.05",
        "machine": "2687.68",
        "base_fee": "5.00",
        "margin": "816.82",
        "rounding": "-0.01",
    }
    assert found.lead_time_days == 12


@pytest.mark.parametrize(
    ("given_tariff", "time_s", "weight_g", "total", "rounding"),
    [
        # 1 s x 18 / 3600 = 0.005 exactly, though 1 / 3600 has no end.
        pytest.param(("0", "18", "1", "0"), "1", "1", "0.01", None, id="half-a-cent-of-time"),
        # 1 s x 10 / 3600 = 0.002777..., x 1.8 = 0.005 exactly; lines 0.00, so 0.01 is missing.
        pytest.param(("0", "10", "1.8", "0"), "1", "1", "0.01", "0.01", id="thirds-that-meet"),
        # 0.25 x 0.02 = 0.005 and 1.8 s x 10 / 3600 = 0.005: each 0.01, together 0.01.
        pytest.param(("0", "10", "1", "0.02"), "1.8", "0.25", "0.01", "-0.01", id="two-halves"),
        # (0.10 + 1) x 0.5 = 0.55: margin -0.55.
        pytest.param(("1", "0", "0.5", "0.1"), "1", "1", "0.55", None, id="below-cost"),
    ],
)
def test_the_last_cent_is_exact(
    given_tariff: tuple[str, str, str, str],
    time_s: str,
    weight_g: str,
    total: str,
    rounding: str | None,
) -> None:
    """Divided too early, half a cent becomes 0.00499... and is lost."""
    found = price(metrics(time_s, weight_g), "pla", 1, tariff(*given_tariff))
    assert str(found.total_usd) == total
    assert lines(found).get("rounding") == rounding


@pytest.mark.parametrize("quantity", [0, -1])
def test_an_order_of_none_is_refused(quantity: int) -> None:
    """A defence only: the request's own check comes first."""
    with pytest.raises(ValueError, match="quantity"):
        price(metrics("1", "1"), "pla", quantity, DEFAULT)


def test_the_thread_s_decimal_context_changes_nothing() -> None:
    """A library that sets its own precision must not set our prices."""
    part = metrics("322521", "400.6628123456789")
    usual = price(part, "abs", 7, DEFAULT)
    with decimal.localcontext(decimal.Context(prec=3, rounding=decimal.ROUND_UP)):
        assert price(part, "abs", 7, DEFAULT) == usual


def test_a_rush_order_costs_its_multiplier_more() -> None:
    """Ten cubes, as above, at 1.25.

    By hand: 44.463157 x 1.25 = 55.578947; rush 11.115789; / 10 = 5.557895.
    """
    rushing = replace(DEFAULT, rush_multiplier=Decimal("1.25"))
    found = price(metrics("1021", "4.206588"), "pla", 10, rushing, rush=True)
    assert (str(found.total_usd), str(found.unit_usd)) == ("55.58", "5.56")
    assert lines(found) == {
        "material": "0.84",
        "machine": "28.36",
        "base_fee": "5.00",
        "margin": "10.26",
        "rush": "11.12",
    }


def test_without_a_rush_the_multiplier_does_not_count() -> None:
    """To the last digit and line."""
    rushing = replace(DEFAULT, rush_multiplier=Decimal("1.25"))
    part = metrics("1021", "4.206588")
    assert price(part, "pla", 3, rushing) == price(part, "pla", 3, DEFAULT)


def test_a_rush_order_is_ready_sooner() -> None:
    """Ten copies of 12 h: 120 h are 5 days, with two machines 3."""
    part = metrics("43200", "50")
    assert price(part, "pla", 10, DEFAULT).lead_time_days == 5
    assert price(part, "pla", 10, DEFAULT, rush=True).lead_time_days == 3


@pytest.mark.parametrize("complexity", Complexity)
def test_complexity_costs_nothing_by_default(complexity: Complexity) -> None:
    """ADR-010 has no such factor."""
    part = metrics("1021", "4.206588")
    assert price(part, "pla", 1, DEFAULT, complexity) == price(part, "pla", 1, DEFAULT)


amounts = st.decimals(0, 1000, places=4)


def flat_tariff(base: Decimal, rate: Decimal, margin: Decimal, cost: Decimal) -> Tariff:
    return Tariff(base, rate, margin, dict.fromkeys(MATERIALS, cost))


any_tariff = st.builds(
    flat_tariff,
    amounts,
    amounts,
    st.decimals(Decimal("0.01"), 10, places=2),
    amounts,
)
any_metrics = st.builds(
    lambda time_s, weight_g: replace(metrics("1", "1"), print_time_s=time_s, filament_g=weight_g),
    st.decimals(Decimal("0.1"), 1_000_000, places=1),
    st.decimals(Decimal("0.000001"), 5000, places=6),
)
quantities = st.integers(1, 10_000)
materials = st.sampled_from(MATERIALS)
properties = settings(derandomize=True, database=None, deadline=None, max_examples=200)


def half_up(amount: Fraction) -> Decimal:
    """An independent way to round: whole cents by integer division."""
    cents = (abs(amount) * 200 + 1) // 2
    return (-1 if amount < 0 else 1) * Decimal(int(cents)) / 100


@properties
@given(any_metrics, materials, quantities, any_tariff)
def test_every_figure_is_the_exact_one_rounded_once(
    part: Metrics, material: str, quantity: int, rates: Tariff
) -> None:
    """Fractions know no rounding at all."""
    found = price(part, material, quantity, rates)
    material_usd = Fraction(part.filament_g) * Fraction(rates.cost_usd_per_g[material]) * quantity
    hours = Fraction(part.print_time_s) / 3600
    machine_usd = hours * Fraction(rates.machine_rate_usd_per_hour) * quantity
    cost_usd = material_usd + machine_usd + Fraction(rates.base_fee_usd)
    total_usd = cost_usd * Fraction(rates.margin_multiplier)
    assert found.total_usd == half_up(total_usd)
    assert found.unit_usd == half_up(total_usd / quantity)
    assert found.material_cost_usd == half_up(material_usd)
    assert found.machine_cost_usd == half_up(machine_usd)
    assert found.base_fee_usd == half_up(Fraction(rates.base_fee_usd))
    assert abs(Fraction(found.print_time_hours) - hours) < Fraction(1, 10**40)


@properties
@given(any_metrics, materials, quantities, any_tariff)
def test_the_lines_add_up(part: Metrics, material: str, quantity: int, rates: Tariff) -> None:
    """To the cent, with at most three cents of rounding, and none shown when there is none."""
    found = price(part, material, quantity, rates)
    amounts_usd = [line.amount_usd for line in found.breakdown]
    assert sum(amounts_usd) == found.total_usd
    assert [line.code for line in found.breakdown[:4]] == [
        "material",
        "machine",
        "base_fee",
        "margin",
    ]
    for line in found.breakdown[4:]:
        assert line.code == "rounding"
        assert 0 < abs(line.amount_usd) <= Decimal("0.03")


@properties
@given(any_metrics, materials, quantities, any_tariff)
def test_two_runs_are_equal(part: Metrics, material: str, quantity: int, rates: Tariff) -> None:
    """To the last digit: the text is compared, not only the value."""
    first = price(part, material, quantity, rates)
    assert repr(first) == repr(price(part, material, quantity, rates))


@properties
@given(any_metrics, materials, quantities, any_tariff)
def test_units_come_to_the_total(
    part: Metrics, material: str, quantity: int, rates: Tariff
) -> None:
    """Each unit is rounded by half a cent at most, and so is the total."""
    found = price(part, material, quantity, rates)
    allowed = Decimal("0.005") * (quantity + 1)
    assert abs(found.unit_usd * quantity - found.total_usd) <= allowed


@pytest.mark.parametrize("name", ["print_time_s", "filament_g"])
@properties
@given(any_metrics, quantities, any_tariff, amounts)
def test_a_larger_part_never_costs_less(
    name: str, part: Metrics, quantity: int, rates: Tariff, more: Decimal
) -> None:
    """Longer or heavier, all else alike."""
    larger = replace(part, **{name: getattr(part, name) + more})
    before = price(part, "pla", quantity, rates)
    after = price(larger, "pla", quantity, rates)
    assert after.total_usd >= before.total_usd
    assert after.lead_time_days >= before.lead_time_days


@properties
@given(any_metrics, quantities, any_tariff, st.integers(0, 1000))
def test_a_larger_order_never_costs_less_and_its_unit_never_more(
    part: Metrics, quantity: int, rates: Tariff, more: int
) -> None:
    """The base fee is shared by all units."""
    before = price(part, "pla", quantity, rates)
    after = price(part, "pla", quantity + more, rates)
    assert after.total_usd >= before.total_usd
    assert after.unit_usd <= before.unit_usd
    assert after.lead_time_days >= before.lead_time_days


@pytest.mark.parametrize("name", ["base_fee_usd", "machine_rate_usd_per_hour", "margin_multiplier"])
@properties
@given(any_metrics, quantities, any_tariff, amounts)
def test_a_higher_rate_never_costs_less(
    name: str, part: Metrics, quantity: int, rates: Tariff, more: Decimal
) -> None:
    """Each rate by itself."""
    higher = replace(rates, **{name: getattr(rates, name) + more})
    before = price(part, "pla", quantity, rates)
    assert price(part, "pla", quantity, higher).total_usd >= before.total_usd


@properties
@given(any_metrics, quantities, any_tariff, amounts)
def test_dearer_material_never_costs_less(
    part: Metrics, quantity: int, rates: Tariff, more: Decimal
) -> None:
    """Only the cost of the material that is used counts."""
    costs = dict(rates.cost_usd_per_g)
    dearer = replace(rates, cost_usd_per_g={**costs, "pla": costs["pla"] + more})
    before = price(part, "pla", quantity, rates)
    assert price(part, "pla", quantity, dearer).total_usd >= before.total_usd
    assert price(part, "abs", quantity, dearer).total_usd == before.total_usd


orders = st.tuples(materials, quantities, st.sampled_from(Complexity), st.booleans())
factors = st.decimals("0.01", 3, places=2)
full_tariff = st.builds(
    lambda rates, material, complexity, rush, ending: replace(
        rates,
        material_factor=dict.fromkeys(MATERIALS, material),
        complexity_factor=dict.fromkeys(Complexity, complexity),
        rush_multiplier=rush,
        price_ending=ending,
    ),
    any_tariff,
    factors,
    factors,
    st.decimals(1, 3, places=2),
    st.sampled_from(PriceEnding),
)


@properties
@given(any_metrics, orders, full_tariff)
def test_a_tariff_with_everything_is_exact_and_adds_up(
    part: Metrics, wanted: tuple[str, int, Complexity, bool], rates: Tariff
) -> None:
    """All parts of the formula at once, against fractions."""
    material, quantity, complexity, rush = wanted
    found = price(part, material, quantity, rates, complexity, rush=rush)
    cost_usd = (
        Fraction(part.filament_g) * Fraction(rates.cost_usd_per_g[material]) * quantity
        + Fraction(part.print_time_s) / 3600 * Fraction(rates.machine_rate_usd_per_hour) * quantity
        + Fraction(rates.base_fee_usd)
    )
    total_usd = (
        cost_usd
        * Fraction(rates.margin_multiplier)
        * Fraction(rates.material_factor[material])
        * Fraction(rates.complexity_factor[complexity])
        * (Fraction(rates.rush_multiplier) if rush else 1)
    )
    if rates.price_ending is PriceEnding.NONE:
        assert found.total_usd == half_up(total_usd)
        assert found.unit_usd == half_up(total_usd / quantity)
    else:
        assert found.total_usd % 1 == Decimal("0.90")
        assert found.unit_usd == half_up(Fraction(found.total_usd) / quantity)
    amounts_usd = [line.amount_usd for line in found.breakdown]
    assert sum(amounts_usd) == found.total_usd
    if found.breakdown[-1].code == "rounding":
        assert 0 < abs(amounts_usd[-1]) <= Decimal("0.04")

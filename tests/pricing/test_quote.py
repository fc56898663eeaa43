"""ADR-010's formula, and what must hold for every tariff.

The expected figures of the examples were worked out by hand; the working stands beside them.
Tables for whole shops are in `test_tariff_tables.py`.
"""

from __future__ import annotations

import decimal
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.model import Complexity, Metrics
from pricing_fdm.pricing.job import Job
from pricing_fdm.pricing.price_ending import PriceEnding
from pricing_fdm.pricing.quote import Price, price
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.tariff import DiscountFrom, Tax
from tests.harness.qualities import MATERIALS
from tests.pricing.jobs import job, metrics, with_cost, with_tariff
from tests.shop.shops import bundled_shop, full_shop

ADR = bundled_shop()


def lines(found: Price) -> dict[str, str]:
    return {line.code: str(line.amount) for line in found.lines}


def test_the_figures_of_adr_010() -> None:
    """615 g of PLA and 2.82 h; the ADR's example forgets the margin and shows 3 days.

    By hand: 615 x 0.02 = 12.30; 2.82 x 10 = 28.20; + 5.00 = 45.50; x 1.30 = 59.15;
    margin 45.50 x 0.30 = 13.65; 2.82 h < 8 h: 1 day.
    """
    found = price(job(metrics("10152", "615")))
    assert str(found.total) == str(found.unit) == str(found.net) == "59.15"
    assert str(found.tax) == "0.00"
    assert found.lead_time_days == 1
    assert lines(found) == {
        "material": "12.30",
        "machine": "28.20",
        "base_fee": "5.00",
        "margin": "13.65",
    }
    assert all(line.label for line in found.lines)
    assert (found.currency, found.shop_version) == ("USD", ADR.version)
    assert str(found.valid_until) == "2026-12-14"
    assert found.review == ()
    assert found.warnings == ()


def test_a_cube() -> None:
    """17m 1s and 4.206588 g of PLA.

    By hand: 4.206588 x 0.02 = 0.08413176; 1021 s x 10 / 3600 = 2.836111; + 5 = 7.920243;
    x 1.30 = 10.296316; margin 2.376073.
    """
    found = price(job(metrics("1021", "4.206588")))
    assert str(found.total) == "10.30"
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
    found = price(job(metrics("1021", "4.206588"), quantity=10))
    assert (str(found.total), str(found.unit)) == ("44.46", "4.45")
    assert lines(found) == {
        "material": "0.84",
        "machine": "28.36",
        "base_fee": "5.00",
        "margin": "10.26",
    }
    assert found.lead_time_days == 1


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
    assert str(price(job(metrics("3600", "100"), material)).total) == total


def test_an_order_of_days() -> None:
    """Three pulleys of 3d 17h 35m 21s and 400.66 g of ABS.

    By hand: 3 x 400.66 x 0.025 = 30.0495; 3 x 322521 s = 967563 s = 268.7675 h, x 10 = 2687.675;
    + 5 = 2722.7245; x 1.30 = 3539.54185; margin 816.81735; lines 30.05 + 2687.68 + 5.00 + 816.82 =
    3539.55, so 0.01 too much; 268.7675 / 24 = 11.2: 12 days.
    """
    found = price(job(metrics("322521", "400.66"), "abs", 3))
    assert str(found.total) == "3539.54"
    assert lines(found) == {
        "material": "30.05",
        "machine": "2687.68",
        "base_fee": "5.00",
        "margin": "816.82",
        "rounding": "-0.01",
    }
    assert found.lead_time_days == 12


@pytest.mark.parametrize(
    ("rates", "time_s", "weight_g", "total", "rounding"),
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
    rates: tuple[str, str, str, str], time_s: str, weight_g: str, total: str, rounding: str | None
) -> None:
    """Divided too early, half a cent becomes 0.00499... and is lost."""
    shop = charging(*map(Decimal, rates))
    found = price(job(metrics(time_s, weight_g), shop=shop))
    assert str(found.total) == total
    assert lines(found).get("rounding") == rounding


@pytest.mark.parametrize("quantity", [0, -1])
def test_an_order_of_none_is_refused(quantity: int) -> None:
    """A defence only: the request's own check comes first."""
    with pytest.raises(ValueError, match="quantity"):
        price(job(metrics("1", "1"), quantity=quantity))


def test_the_thread_s_decimal_context_changes_nothing() -> None:
    """A library that sets its own precision must not set our prices."""
    one = job(metrics("322521", "400.6628123456789"), "abs", 7)
    usual = price(one)
    with decimal.localcontext(decimal.Context(prec=3, rounding=decimal.ROUND_UP)):
        assert price(one) == usual


def test_a_faster_delivery_costs_its_factor_more_and_is_sooner() -> None:
    """Ten parts of 12 h at 1.25: 120 h are 5 days, with two machines 3.

    By hand: 500 g x 0.02 = 10; 120 h x 10 = 1200; + 5 = 1215; x 1.30 = 1579.50; x 1.25 = 1974.375.
    """
    part = metrics("43200", "50")
    usual, fast = (price(job(part, quantity=10, speed=speed)) for speed in (None, "rush"))
    assert (usual.lead_time_days, fast.lead_time_days) == (5, 3)
    assert (str(usual.total), str(fast.total)) == ("1579.50", "1974.38")
    (speed,) = (line for line in fast.lines if line.code == "speed")
    assert (speed.label, str(speed.amount)) == ("Rush order", "394.88")
    assert fast.warnings == ()


def test_a_faster_delivery_that_is_no_sooner_costs_nothing_more_and_says_so() -> None:
    """Whoever pays for speed gets it, or pays nothing for it."""
    part = metrics("1021", "4.206588")
    usual, fast = (price(job(part, speed=speed)) for speed in (None, "rush"))
    assert fast.lines == usual.lines
    (warning,) = fast.warnings
    assert warning.code == "speed_not_earlier"
    assert warning.figures == {"lead_time_days": 1}


@pytest.mark.parametrize("complexity", Complexity)
def test_complexity_costs_nothing_by_default(complexity: Complexity) -> None:
    """ADR-010 has no such factor."""
    part = metrics("1021", "4.206588")
    assert price(job(part, complexity=complexity)) == price(job(part))


def test_support_is_charged_only_where_the_slicer_tells_it() -> None:
    """A figure that nobody gave is no price."""
    removing = with_tariff(ADR, support_removal_per_g=Decimal("0.10"))
    assert price(job(metrics("3600", "100", None))).total > 0
    with pytest.raises(ResultIncomplete, match="support"):
        price(job(metrics("3600", "100", None), shop=removing))


amounts = st.decimals(0, 1000, places=4)


def charging(base: Decimal, rate: Decimal, margin: Decimal, cost: Decimal) -> Shop:
    """ADR-010's shop with other rates, the same cost for every material."""
    shop = with_tariff(ADR, base_fee=base, machine_rate_per_hour=rate, margin=margin)
    for material in MATERIALS:
        shop = with_cost(shop, material, cost)
    return shop


any_rates = st.builds(
    charging, amounts, amounts, st.decimals(Decimal("0.01"), 10, places=2), amounts
)
any_metrics = st.builds(
    lambda time_s, weight_g: replace(metrics("1", "1"), print_time_s=time_s, filament_g=weight_g),
    st.decimals(Decimal("0.1"), 1_000_000, places=1),
    st.decimals(Decimal("0.000001"), 5000, places=6),
)
quantities = st.integers(1, 10_000)
materials = st.sampled_from(MATERIALS)
properties = settings(derandomize=True, database=None, deadline=None, max_examples=60)


def half_up(amount: Fraction) -> Decimal:
    """An independent way to round: whole cents by integer division."""
    cents = (abs(amount) * 200 + 1) // 2
    return (-1 if amount < 0 else 1) * Decimal(int(cents)) / 100


def cost_of(part: Metrics, quantity: int, shop: Shop) -> Fraction:
    """Steps 1 to 3 of ADR-010."""
    tariff = shop.tariff
    material = Fraction(part.filament_g) * Fraction(shop.materials[0].gram_cost) * quantity
    machine = Fraction(part.print_time_s) / 3600 * Fraction(tariff.machine_rate_per_hour) * quantity
    return material + machine + Fraction(tariff.base_fee)


@properties
@given(any_metrics, materials, quantities, any_rates)
def test_every_figure_is_the_exact_one_rounded_once(
    part: Metrics, material: str, quantity: int, shop: Shop
) -> None:
    """Against the formula written down a second time."""
    found = price(job(part, material, quantity, shop=shop))
    total = cost_of(part, quantity, shop) * Fraction(shop.tariff.margin)
    assert found.total == half_up(total)
    assert found.unit == half_up(total / quantity)


@properties
@given(any_metrics, quantities, any_rates)
def test_two_runs_are_equal(part: Metrics, quantity: int, shop: Shop) -> None:
    """To the last digit: the text is compared, not only the value."""
    one = job(part, quantity=quantity, shop=shop)
    assert repr(price(one)) == repr(price(one))


@properties
@given(any_metrics, quantities, any_rates, st.integers(0, 1000))
def test_a_larger_order_s_unit_never_costs_more(
    part: Metrics, quantity: int, shop: Shop, more: int
) -> None:
    """The base fee is shared by all units."""
    before = price(job(part, quantity=quantity, shop=shop))
    after = price(job(part, quantity=quantity + more, shop=shop))
    assert after.unit <= before.unit
    assert after.lead_time_days >= before.lead_time_days


# ------------------------------------------------------------------- tariffs with everything


def percents(most: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(0, most, places=1)


def taxes(percent: Decimal, *, included: bool) -> Tax:
    return Tax(label="VAT", percent=percent, included=included)


any_tariff = st.fixed_dictionaries(
    {
        "base_fee": amounts,
        "machine_rate_per_hour": amounts,
        "margin": st.decimals("0.5", 5, places=2),
        "handling_per_plate": st.decimals(0, 20, places=2),
        "support_removal_per_g": st.decimals(0, 2, places=3),
        "failure_percent": percents(30),
        "minimum_per_part": st.decimals(0, 50, places=2),
        "minimum_per_order": st.decimals(0, 100, places=2),
        "ending": st.sampled_from(PriceEnding),
        "rounding_step": st.sampled_from([None, Decimal("0.05"), Decimal(1)]),
        "tax": st.none() | st.builds(taxes, percents(27), included=st.booleans()),
        "complexity_factors": st.just({Complexity.HIGH: Decimal("1.2")}),
    }
)
any_part = st.builds(
    lambda time_s, weight_g, share: replace(
        metrics("1", "1"),
        print_time_s=time_s,
        filament_g=weight_g,
        support_g=(weight_g * share).quantize(Decimal("0.0001"), rounding=decimal.ROUND_DOWN),
    ),
    st.decimals(1, 200_000, places=1),
    st.decimals(Decimal("0.01"), 2000, places=4),
    st.decimals(0, "0.9", places=1),
)
any_order = st.fixed_dictionaries(
    {
        "quantity": st.integers(1, 500),
        "complexity": st.sampled_from(Complexity),
        "finishes": st.sampled_from([(), ("sanded",)]),
        "colour": st.sampled_from([None, "gold"]),
        "surface_cm2": st.just("42.5"),
    }
)


@pytest.fixture(scope="module")
def eur(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with finishes, colours and speeds."""
    return full_shop(tmp_path_factory.mktemp("shop"))


@properties
@given(part=any_part, order=any_order, tariff=any_tariff)
def test_the_lines_of_every_tariff_add_up(
    eur: Shop, part: Metrics, order: dict[str, Any], tariff: dict[str, Any]
) -> None:
    """The shop's and the customers'; the net sum and the tax as well."""
    found = price(job(part, shop=with_tariff(eur, **tariff), **order))
    assert sum(line.amount for line in found.lines) == found.total == found.net + found.tax
    assert sum(line.amount for line in found.customer_lines) == found.total
    assert found.tax == sum(line.amount for line in found.lines if line.code == "tax")
    assert all(line.amount.as_tuple().exponent == -2 for line in found.lines)
    by_code = {line.code: line for line in found.lines}
    assert not by_code["margin"].public
    assert len(by_code) == len(found.lines)


def raised(part: Metrics, order: dict[str, Any], shop: Shop, what: str, more: Decimal) -> Job:
    """The same order with more of one thing."""
    if what == "quantity":
        return job(part, shop=shop, **{**order, "quantity": order["quantity"] + 1 + int(more)})
    if what in {"print_time_s", "filament_g"}:
        return job(replace(part, **{what: getattr(part, what) + more}), shop=shop, **order)
    if what == "cost":
        return job(part, shop=with_cost(shop, "pla", Decimal("0.02") + more), **order)
    rate = getattr(shop.tariff, what) + more
    return job(part, shop=with_tariff(shop, **{what: rate}), **order)


@pytest.mark.parametrize(
    "what",
    [
        *("quantity", "print_time_s", "filament_g", "cost", "base_fee", "machine_rate_per_hour"),
        *("margin", "handling_per_plate", "support_removal_per_g", "failure_percent"),
        *("minimum_per_part", "minimum_per_order"),
    ],
)
@properties
@given(part=any_part, order=any_order, tariff=any_tariff, more=amounts)
def test_more_of_anything_never_costs_less(
    *,
    eur: Shop,
    what: str,
    part: Metrics,
    order: dict[str, Any],
    tariff: dict[str, Any],
    more: Decimal,
) -> None:
    """Quantity, hours, grams and each rate by itself; a file's discounts are left out."""
    shop = with_tariff(eur, **tariff)
    before = price(job(part, shop=shop, **order))
    assert price(raised(part, order, shop, what, more)).total >= before.total


@properties
@given(part=any_part, order=any_order, tariff=any_tariff, minimum=st.decimals(0, 500, places=2))
def test_a_minimum_lifts_and_never_lowers(
    eur: Shop, part: Metrics, order: dict[str, Any], tariff: dict[str, Any], minimum: Decimal
) -> None:
    """To the minimum exactly; an order above it is as it was."""
    plain = {**tariff, "ending": PriceEnding.NONE, "rounding_step": None, "tax": None}
    none = {**plain, "minimum_per_part": Decimal(0), "minimum_per_order": Decimal(0)}
    without = price(job(part, shop=with_tariff(eur, **none), **order))
    per_order = price(
        job(part, shop=with_tariff(eur, **{**none, "minimum_per_order": minimum}), **order)
    )
    assert per_order.total == max(without.total, minimum)
    per_part = price(
        job(part, shop=with_tariff(eur, **{**none, "minimum_per_part": minimum}), **order)
    )
    assert per_part.total == max(without.total, minimum * order["quantity"])


@properties
@given(part=any_part, order=any_order, tariff=any_tariff, percent=percents(27))
def test_tax_in_the_amounts_and_tax_on_top_agree(
    eur: Shop, part: Metrics, order: dict[str, Any], tariff: dict[str, Any], percent: Decimal
) -> None:
    """To the smallest unit: the gross price of the one, quoted by the other as its net price."""
    plain = {**tariff, "rounding_step": None}
    inside = price(
        job(part, shop=with_tariff(eur, **{**plain, "tax": taxes(percent, included=True)}), **order)
    )
    without = price(job(part, shop=with_tariff(eur, **{**plain, "tax": None}), **order))
    assert inside.total == without.total
    on_top = half_up(Fraction(inside.net) * Fraction(percent) / 100)
    assert abs(on_top - inside.tax) <= Decimal("0.01")
    above = price(
        job(
            part, shop=with_tariff(eur, **{**plain, "tax": taxes(percent, included=False)}), **order
        )
    )
    assert above.net == without.total
    assert above.tax == half_up(Fraction(above.net) * Fraction(percent) / 100)


@properties
@given(
    part=any_part,
    order=any_order,
    tariff=any_tariff,
    discounts=st.lists(st.tuples(st.integers(1, 600), percents(100)), max_size=4),
)
def test_a_discount_takes_its_share_of_what_it_is_given_on(
    eur: Shop,
    part: Metrics,
    order: dict[str, Any],
    tariff: dict[str, Any],
    discounts: list[tuple[int, Decimal]],
) -> None:
    """Of the last break reached; what is below no break has none."""
    rising = dict(sorted(dict(discounts).items()))
    breaks = tuple(
        DiscountFrom.model_validate({"from": start, "percent": percent})
        for start, percent in rising.items()
    )
    none: dict[str, Any] = {"minimum_per_part": Decimal(0), "minimum_per_order": Decimal(0)}
    plain = {**tariff, **none, "ending": PriceEnding.NONE, "rounding_step": None, "tax": None}
    without = price(job(part, shop=with_tariff(eur, **plain), **order))
    found = price(
        job(part, shop=with_tariff(eur, **{**plain, "quantity_discounts": breaks}), **order)
    )
    reached = [percent for start, percent in rising.items() if start <= order["quantity"]]
    percent = reached[-1] if reached else Decimal(0)
    exact = Fraction(without.total) * (1 - Fraction(percent) / 100)
    assert abs(Fraction(found.total) - exact) <= Fraction(1, 100)


@properties
@given(part=any_part, order=any_order, tariff=any_tariff)
def test_a_speed_never_makes_an_order_later_or_cheaper(
    eur: Shop, part: Metrics, order: dict[str, Any], tariff: dict[str, Any]
) -> None:
    """It costs more only where it is sooner."""
    shop = with_tariff(eur, **tariff)
    usual = price(job(part, shop=shop, **order))
    for speed in ("express", "overnight"):
        fast = price(job(part, shop=shop, speed=speed, **order))
        assert fast.total >= usual.total
        assert fast.lead_time_days <= usual.lead_time_days
        if fast.lead_time_days == usual.lead_time_days:
            assert fast.total == usual.total
            assert [warning.code for warning in fast.warnings] == ["speed_not_earlier"]

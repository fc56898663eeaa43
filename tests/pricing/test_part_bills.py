"""An order of several parts: one formula, set up once, shares that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.model import Complexity
from pricing_fdm.pricing.job import Batch, Job, Plate, WholeOrder
from pricing_fdm.pricing.part_bills import shares_of
from pricing_fdm.pricing.price_ending import PriceEnding
from pricing_fdm.pricing.quote import Price, price, price_order
from pricing_fdm.shop.catalogue import Finish, Shop
from pricing_fdm.shop.tariff import DiscountFrom, MarginFrom, Tax
from tests.pricing.jobs import job, metrics, with_tariff
from tests.shop.shops import bundled_shop

CENT = Decimal("0.01")


def demanding() -> Shop:
    """A shop with everything that a price may depend on, but for breaks by quantity."""
    shop = with_tariff(
        bundled_shop(),
        handling_per_plate=Decimal("1.50"),
        support_removal_per_g=Decimal("0.10"),
        failure_percent=Decimal(4),
        minimum_per_part=Decimal("0.75"),
        minimum_per_order=Decimal("15.00"),
        material_factors={"pla": Decimal("0.9"), "petg": Decimal("1.2")},
        complexity_factors={Complexity.LOW: Decimal("0.8"), Complexity.HIGH: Decimal("1.5")},
        tax=Tax(label="VAT", percent=Decimal(21)),
    )
    sanded = Finish(id="sanded", name="Sanded", per_part=Decimal(4), per_order=Decimal("2.5"))
    return shop.model_copy(update={"finishes": (sanded,)})


SHOP = demanding()


def ordered(*jobs: Job) -> WholeOrder:
    """Parts with plates of their own."""
    return WholeOrder(tuple(Batch((each,), each.plates) for each in jobs), None)


def together(*jobs: Job, saved: Fraction = Fraction(0)) -> WholeOrder:
    """Parts on one plate, which takes a share less of their time."""
    alone = ordered(*jobs)
    time_s = alone.hours * 3600 * (1 - saved)
    whole = replace(
        metrics("1", "1"),
        print_time_s=Decimal(time_s.numerator) / time_s.denominator,
        filament_g=sum((each.copy.filament_g * each.order.quantity for each in jobs), Decimal(0)),
        support_g=Decimal(0),
    )
    return WholeOrder((Batch(jobs, (Plate(alone.copies, 1, whole),)),), None)


def part(time_s: int = 3600, grams: int = 20, **order: Any) -> Job:
    return job(metrics(str(time_s), str(grams)), shop=order.pop("shop", SHOP), **order)


def plate_of(part: Job, order: Job) -> Plate:
    """A plate for each copy."""
    return Plate(1, order.order.quantity, part.copy)


@st.composite
def parts(draw: st.DrawFn) -> Job:
    """Any part."""
    return part(
        draw(st.integers(1, 200_000)),
        draw(st.integers(1, 2_000)),
        material=draw(st.sampled_from(["pla", "petg", "abs"])),
        quantity=draw(st.integers(1, 40)),
        complexity=draw(st.sampled_from(list(Complexity))),
        finishes=draw(st.sampled_from([(), ("sanded",)])),
    )


def adds_up(found: Price) -> bool:
    lines = sum(line.amount for line in found.lines)
    return found.total == lines == sum(found.shares) == found.net + found.tax


def test_two_parts_are_set_up_once() -> None:
    """By hand, ADR-010's shop: 40 g x 0.02 + 2 h x 10 + 5 = 25.80, x 1.30 = 33.54.

    Their own costs are 10.40 each, so each has half of the total.
    """
    shop = bundled_shop()
    found = price_order(ordered(part(shop=shop), part(shop=shop)))
    assert str(found.total) == "33.54"
    assert [str(share) for share in found.shares] == ["16.77", "16.77"]
    assert [line.code for line in found.lines] == ["material", "machine", "base_fee", "margin"]


def test_a_share_is_by_what_a_part_costs_without_set_up() -> None:
    """By hand: 10.40 and 31.20; (41.60 + 5) x 1.30 = 60.58, a quarter is 15.145."""
    shop = bundled_shop()
    found = price_order(ordered(part(shop=shop), part(10_800, 60, shop=shop)))
    assert str(found.total) == "60.58"
    assert sorted(map(str, found.shares)) in (["15.14", "45.44"], ["15.15", "45.43"])
    assert sum(found.shares) == found.total


@settings(max_examples=60, deadline=None)
@given(st.lists(parts(), min_size=1, max_size=6))
def test_lines_and_shares_add_up(jobs: list[Job]) -> None:
    """To the cent, whatever is ordered."""
    found = price_order(ordered(*jobs))
    assert adds_up(found)
    assert len(found.shares) == len(jobs)
    assert min(found.shares) >= 0


@settings(max_examples=40, deadline=None)
@given(parts())
def test_an_order_of_one_part_is_a_quote(only: Job) -> None:
    """There is one formula."""
    assert price_order(ordered(only)) == price(only)
    assert price(only).shares == (price(only).total,)


@settings(max_examples=60, deadline=None)
@given(st.lists(parts(), min_size=2, max_size=5))
def test_an_order_costs_no_more_than_its_parts_one_by_one(jobs: list[Job]) -> None:
    """But for the rounding of each."""
    alone = sum(price(each).total for each in jobs)
    assert price_order(ordered(*jobs)).total <= alone + CENT * len(jobs)


@settings(max_examples=60, deadline=None)
@given(st.lists(parts(), min_size=2, max_size=5))
def test_no_added_part_makes_an_order_cheaper(jobs: list[Job]) -> None:
    """Also none whose factors are small: the base fee stands with the greatest."""
    assert price_order(ordered(*jobs)).total >= price_order(ordered(*jobs[:-1])).total


@settings(max_examples=40, deadline=None)
@given(st.lists(parts(), min_size=2, max_size=4), st.fractions(0, Fraction(9, 10)))
def test_what_a_shared_plate_saves_the_customer_saves(jobs: list[Job], saved: Fraction) -> None:
    """Alike but for their shape, they are printed at once: less time, one plate to handle."""
    alike = [replace(jobs[0], copy=each.copy, plates=(plate_of(each, jobs[0]),)) for each in jobs]
    shared = price_order(together(*alike, saved=saved))
    assert adds_up(shared)
    assert shared.total <= price_order(ordered(*alike)).total


def test_breaks_count_all_copies_of_the_order() -> None:
    """By hand, without base fee: 10 x 10.40 = 104; margin 1.2 from ten on, less 5 % of 124.80."""
    shop = with_tariff(
        bundled_shop(),
        base_fee=Decimal(0),
        margin_by_quantity=(MarginFrom.model_validate({"from": 10, "margin": "1.2"}),),
        quantity_discounts=(DiscountFrom.model_validate({"from": 10, "percent": "5"}),),
    )
    found = price_order(ordered(part(shop=shop, quantity=4), part(shop=shop, quantity=6)))
    assert str(found.total) == "118.56"
    assert [str(share) for share in found.shares] == ["47.42", "71.14"]


def test_minimum_and_ending_are_those_of_the_whole_order() -> None:
    """33.54, as above, is more than the minimum; the ladder makes 29.90 of it."""
    shop = with_tariff(bundled_shop(), ending=PriceEnding.LADDER, minimum_per_order=Decimal(20))
    found = price_order(ordered(part(shop=shop), part(shop=shop)))
    assert str(found.total) == "29.90"
    assert "minimum" not in {line.code for line in found.lines}


def test_colours_and_finishes_are_those_of_their_parts() -> None:
    """A finish's price per order is charged once, its price per part for each copy."""
    shop = demanding()
    sanded = part(shop=shop, finishes=("sanded",), quantity=3)
    found = price_order(ordered(sanded, sanded, part(shop=shop)))
    amounts = {line.code: line.amount for line in found.lines}
    assert amounts["finish:sanded"] == Decimal("26.50")  # 6 x 4 + 2.50
    assert amounts["base_fee"] == 5


def test_support_that_is_not_told_matters_only_where_it_is_charged() -> None:
    """As in a quote."""
    untold = metrics("3600", "20", None)
    plain = bundled_shop()
    assert price_order(ordered(job(untold, shop=plain), part(shop=plain))).total > 0
    with pytest.raises(ResultIncomplete):
        price_order(ordered(job(untold, shop=SHOP), part()))


@pytest.mark.parametrize(
    ("total", "owns", "shares"),
    [
        ("10.00", (1, 1, 1), ["3.34", "3.33", "3.33"]),
        ("0.02", (1, 1, 1), ["0.01", "0.01", "0.00"]),
        ("9.00", (0, 0), ["4.50", "4.50"]),
        ("0.00", (3, 1), ["0.00", "0.00"]),
    ],
)
def test_a_total_is_shared_out_to_the_last_cent(
    total: str, owns: Sequence[int], shares: list[str]
) -> None:
    """What is lost by rounding down goes to those who lost most; equal parts where none costs."""
    found = shares_of(Decimal(total), [Fraction(own) for own in owns], CENT)
    assert [str(share) for share in found] == shares

"""Whole prices of three shops, worked out by hand: ADR-010's, a European one, a Japanese one.

The working stands beside each figure; a slip in the formula would have to be made twice.
"""

from __future__ import annotations

from typing import Any

import pytest

from pricing_fdm.pricing.quote import Price, price
from pricing_fdm.shop.catalogue import Shop
from tests.pricing.jobs import job, metrics
from tests.shop.shops import bundled_shop, small_shop

EUROPEAN = """\
base_fee = "5.00"
margin = "1.30"
margin_by_quantity = [{ from = 10, margin = "1.25" }]
quantity_discounts = [{ from = 10, percent = 5 }, { from = 50, percent = 12 }]
handling_per_plate = "1.50"
support_removal_per_g = "0.10"
failure_percent = 4
minimum_per_order = "15.00"
rounding_step = "0.05"

[[tariff.speeds]]
id = "express"
name = "Express"
factor = "1.25"
days_factor = "0.5"

[tariff.tax]
label = "IVA"
percent = 21
included = true

[[finishes]]
id = "sanded"
name = "Sanded"
per_part = "4.00"
per_cm2 = "0.02"
per_order = "2.50"
days = 2
"""
JAPANESE = """\
base_fee = 500
margin = "1.4"
quantity_discounts = [{ from = 10, percent = 10 }]
minimum_per_part = 300
rounding_step = 10

[tariff.tax]
label = "消費税"
percent = 10
"""


def lines(found: Price) -> dict[str, str]:
    return {line.code: str(line.amount) for line in found.lines}


def totals(found: Price) -> tuple[str, str, str, str]:
    return str(found.total), str(found.unit), str(found.net), str(found.tax)


@pytest.fixture(scope="module")
def european(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """20 EUR a kilogram, 3.20 EUR an hour, VAT of 21 % in all amounts, gold 10 % dearer."""
    return small_shop(tmp_path_factory.mktemp("european"), more=EUROPEAN)


@pytest.fixture(scope="module")
def japanese(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """3000 JPY a kilogram, 150 JPY an hour, tax of 10 % on top, no decimals."""
    changes = (('"EUR"', '"JPY"'), ('"20.00"', "3000"), ('"3.20"', "150"))
    return small_shop(tmp_path_factory.mktemp("japanese"), *changes, more=JAPANESE)


@pytest.mark.parametrize(
    ("material", "quantity", "speed", "expected", "days"),
    [
        # 120 g x 0.03 = 3.60; 2.5 h x 10 = 25; + 5 = 33.60; x 1.30 = 43.68.
        ("petg", 1, None, ("43.68", "43.68"), 1),
        # 4 x 28.60 + 5 = 119.40; x 1.30 = 155.22; / 4 = 38.805; 10 h: 2 days.
        ("petg", 4, None, ("155.22", "38.81"), 2),
        # As above x 1.25 = 194.025, / 4 = 48.50625; on two machines 5 h: 1 day.
        ("petg", 4, "rush", ("194.03", "48.51"), 1),
        # 120 g x 0.045 = 5.40; + 25 + 5 = 35.40; x 1.30 = 46.02; 1 day cannot be halved.
        ("pc", 1, "rush", ("46.02", "46.02"), 1),
    ],
)
def test_the_shop_of_adr_010(
    material: str, quantity: int, speed: str | None, expected: tuple[str, str], days: int
) -> None:
    """Parts of 120 g and 2.5 h."""
    part = metrics("9000", "120")
    found = price(job(part, material, quantity, shop=bundled_shop(), speed=speed))
    assert (str(found.total), str(found.unit)) == expected
    assert found.lead_time_days == days


def test_one_small_part_is_lifted_to_the_minimum(european: Shop) -> None:
    """10 g with 1 g of support, 0.5 h.

    Gross: material 10 x 0.02 x 1.04 = 0.208; machine 0.5 x 3.20 x 1.04 = 1.664; handling 1.50;
    support 0.10; base fee 5; sum 8.472; margin 2.5416; 11.0136, so the minimum adds 3.9864: 15.00.
    Net 15 / 1.21 = 12.39669: tax 2.60331 = 2.60, net 12.40. Lines / 1.21: 0.17190, 1.37521,
    1.23967, 0.08264, 4.13223, 2.10050, 3.29455: 0.17 + 1.38 + 1.24 + 0.08 + 4.13 + 2.10 + 3.29 =
    12.39, 0.01 less than 12.40.
    """
    found = price(job(metrics("1800", "10", "1"), shop=european))
    assert totals(found) == ("15.00", "15.00", "12.40", "2.60")
    assert lines(found) == {
        "material": "0.17",
        "machine": "1.38",
        "handling": "1.24",
        "support_removal": "0.08",
        "base_fee": "4.13",
        "margin": "2.10",
        "minimum": "3.29",
        "rounding": "0.01",
        "tax": "2.60",
    }
    (tax,) = (line for line in found.lines if line.code == "tax")
    assert tax.label == "IVA 21 %"


def test_ten_golden_sanded_parts_have_their_break(european: Shop) -> None:
    """Ten parts of 50 g, 2 h and 40 cm2, in gold and sanded.

    Gross: material 500 x 0.02 x 1.04 = 10.40; machine 20 x 3.20 x 1.04 = 66.56; handling 15;
    sanding 10 x (4 + 0.02 x 40) + 2.50 = 50.50; gold 1.04; base fee 5; sum 148.50; margin at ten
    148.50 x 0.25 = 37.125; 185.625; discount 5 % = 9.28125; 176.34375, in steps of 0.05: 176.35.
    Tax 176.35 x 21 / 121 = 30.60620 = 30.61; net 145.74. / 10 = 17.635 a part.
    Lines / 1.21: 8.59504, 55.00826, 12.39669, 41.73554, 0.85950, 4.13223, 30.68182, -7.67045: 8.60
    + 55.01 + 12.40 + 41.74 + 0.86 + 4.13 + 30.68 - 7.67 = 145.75, 0.01 too much.
    20 h are two days by the table, and the sanding takes two more.
    """
    wanted: dict[str, Any] = {"colour": "gold", "finishes": ("sanded",), "surface_cm2": "40"}
    found = price(job(metrics("7200", "50"), quantity=10, shop=european, **wanted))
    assert totals(found) == ("176.35", "17.64", "145.74", "30.61")
    assert lines(found) == {
        "material": "8.60",
        "machine": "55.01",
        "handling": "12.40",
        "finish:sanded": "41.74",
        "colour": "0.86",
        "base_fee": "4.13",
        "margin": "30.68",
        "quantity_discount": "-7.67",
        "rounding": "-0.01",
        "tax": "30.61",
    }
    assert found.lead_time_days == 4
    # Customers: 145.74 + 30.61; set-up 12.40 + 4.13; print is the rest.
    assert {line.code: str(line.amount) for line in found.customer_lines} == {
        "print": "95.14",
        "finish": "41.74",
        "setup": "16.53",
        "discount": "-7.67",
        "tax": "30.61",
    }


def test_fifty_parts_have_the_next_break(european: Shop) -> None:
    """Fifty parts of 10 g and 0.25 h, express.

    Gross: 500 x 0.02 x 1.04 = 10.40; 12.5 x 3.20 x 1.04 = 41.60; handling 75; base fee 5; sum 132;
    margin 33; 165; express 41.25; 206.25; discount 12 % = 24.75; 181.50. Tax 31.50, net 150.00.
    12.5 h: two days, express one.
    """
    found = price(job(metrics("900", "10"), quantity=50, shop=european, speed="express"))
    assert totals(found) == ("181.50", "3.63", "150.00", "31.50")
    assert lines(found)["speed"] == "34.09"
    assert lines(found)["quantity_discount"] == "-20.45"
    assert found.lead_time_days == 1


def test_a_small_part_in_yen_is_lifted_to_the_minimum_of_a_part(japanese: Shop) -> None:
    """Twenty parts of 2 g and 0.1 h.

    40 x 3 = 120; 2 x 150 = 300; + 500 = 920; margin 368; 1288; discount 128.8; 1159.2; twenty times
    300 are 6000, so 4840.8 more. Tax 600.
    Lines: 120, 300, 500, 368, -129, 4841 = 6000.
    """
    found = price(job(metrics("360", "2"), quantity=20, shop=japanese))
    assert totals(found) == ("6600", "330", "6000", "600")
    assert lines(found) == {
        "material": "120",
        "machine": "300",
        "base_fee": "500",
        "margin": "368",
        "quantity_discount": "-129",
        "minimum": "4841",
        "tax": "600",
    }


def test_a_part_in_yen_is_rounded_to_tens_before_the_tax(japanese: Shop) -> None:
    """One part of 123 g and 5.5 h.

    369 + 825 + 500 = 1694; margin 677.6; 2371.6, in steps of ten 2370; tax 237; 2607.
    Lines 369 + 825 + 500 + 678 = 2372, 2 too much.
    """
    found = price(job(metrics("19800", "123"), shop=japanese))
    assert totals(found) == ("2607", "2607", "2370", "237")
    assert lines(found) == {
        "material": "369",
        "machine": "825",
        "base_fee": "500",
        "margin": "678",
        "rounding": "-2",
        "tax": "237",
    }

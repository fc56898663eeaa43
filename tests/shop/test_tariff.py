"""The tariff's tables: breaks, speeds, and what is left out."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop.tariff import Weekday
from tests.shop.shops import small_shop

BREAKS = """\
margin_by_quantity = [{ from = 10, margin = "1.25" }, { from = 50, margin = "1.20" }]
quantity_discounts = [{ from = 10, percent = 5 }, { from = 50, percent = 12 }]
"""


@pytest.mark.parametrize(
    ("copies", "margin", "percent"),
    [
        (1, "1", 0),
        (9, "1", 0),
        (10, "1.25", 5),
        (49, "1.25", 5),
        (50, "1.20", 12),
        (999, "1.20", 12),
    ],
)
def test_the_break_that_counts_is_the_last_one_reached(
    tmp_path: Path, copies: int, margin: str, percent: int
) -> None:
    """Below the first, the tariff's own margin and no discount."""
    tariff = small_shop(tmp_path, more=BREAKS).tariff
    assert tariff.margin_of(copies) == Decimal(margin)
    assert tariff.discount_percent(copies) == percent


@pytest.mark.parametrize("second", [10, 5])
def test_breaks_that_overlap_are_a_fault(tmp_path: Path, second: int) -> None:
    """Which of them would count?"""
    breaks = f"[{{ from = 10, percent = 5 }}, {{ from = {second}, percent = 12 }}]"
    with pytest.raises(ShopError, match="overlap"):
        small_shop(tmp_path, more=f"quantity_discounts = {breaks}\n")


@pytest.mark.parametrize(
    ("speed", "told"),
    [
        ('factor = "0.9"', "greater than or equal to 1"),
        ('factor = "2"\ndays_factor = "1.5"', "less than or equal to 1"),
    ],
)
def test_a_speed_is_no_cheaper_and_no_later(tmp_path: Path, speed: str, told: str) -> None:
    """Else it is not one."""
    with pytest.raises(ShopError, match=told):
        small_shop(tmp_path, more=f'[[tariff.speeds]]\nid = "x"\nname = "X"\n{speed}\n')


def test_what_a_tariff_leaves_out_is_not_charged(tmp_path: Path) -> None:
    """A margin of one adds nothing."""
    tariff = small_shop(tmp_path).tariff
    assert tariff.base_fee == tariff.minimum_per_order == tariff.failure_percent == 0
    assert tariff.margin == 1
    assert tariff.tax is None


def test_the_working_days_are_those_of_an_office(tmp_path: Path) -> None:
    """Unless the file says otherwise."""
    assert small_shop(tmp_path).lead_time.working_days == tuple(Weekday)[:5]

"""When a person should look before a price binds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.model import WARNING_CODES, QuoteWarning
from pricing_fdm.pricing.quote import price
from pricing_fdm.pricing.review import REASONS
from pricing_fdm.shop.catalogue import Shop
from tests.pricing.jobs import job, metrics
from tests.shop.shops import small_shop

REVIEW = """
[review]
total_above = "100"
print_hours_above = 72
support_share_above = 0.4
warnings = ["not_watertight"]
"""
OPEN = QuoteWarning("not_watertight", "The mesh had holes.", {"holes": 3})
THIN = QuoteWarning("thin_walls", "Thin walls.")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """It charges 3.20 an hour and 0.02 a gram."""
    return small_shop(tmp_path, more=REVIEW)


@pytest.mark.parametrize(
    ("time_h", "grams", "support_g", "codes"),
    [
        (1, 100, 0, []),
        (31, 40, 0, []),  # 99.20 + 0.80 = 100.00
        (31, 41, 0, ["total_above"]),
        (72, 1, 0, ["total_above"]),
        (73, 1, 0, ["total_above", "print_hours_above"]),
        (1, 100, 40, []),
        (1, 100, 41, ["support_share_above"]),
    ],
)
def test_each_limit_has_its_reason(
    shop: Shop, time_h: int, grams: int, support_g: int, codes: list[str]
) -> None:
    """Above, not at it."""
    found = price(job(metrics(str(time_h * 3600), str(grams), str(support_g)), shop=shop))
    assert [reason.code for reason in found.review] == codes


def test_a_reason_has_its_figures(shop: Shop) -> None:
    """A person sees at once by how much."""
    (total, hours, share) = price(job(metrics("270000", "100", "55.5"), shop=shop)).review
    figures = {name: str(value) for name, value in {**total.figures, **hours.figures}.items()}
    assert figures == {
        "total": "242.00",
        "allowed_total": "100",
        "currency": "EUR",
        "print_hours": "75.00",
        "allowed_hours": "72",
    }
    assert total.message == "The total of 242.00 EUR is above 100 EUR."
    assert str(share.figures["support_share"]) == "0.56"


def test_a_warning_that_the_shop_names_is_a_reason(shop: Shop) -> None:
    """With its own words and figures."""
    (reason,) = price(job(metrics("1", "1"), shop=shop, warnings=(OPEN, THIN))).review
    assert (reason.code, reason.message) == ("not_watertight", "The mesh had holes.")
    assert reason.figures == {"holes": 3}


def test_support_that_is_not_known_cannot_be_judged(shop: Shop) -> None:
    """The shop asked for it."""
    with pytest.raises(ResultIncomplete):
        price(job(metrics("1", "1", None), shop=shop))


def test_a_shop_without_limits_has_no_reason(tmp_path: Path) -> None:
    """The price binds."""
    free: dict[str, Any] = {"shop": small_shop(tmp_path), "warnings": (OPEN,)}
    assert price(job(metrics("9000000", "1", None), **free)).review == ()


def test_the_codes_of_reasons_are_no_warnings() -> None:
    """A metric counts both by code."""
    assert not set(REASONS) & set(WARNING_CODES)

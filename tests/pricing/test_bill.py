"""Lines add up, as the shop sees them and as customers do."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from pricing_fdm.pricing.bill import Bill, customer_lines, kind_of, shown_lines
from pricing_fdm.shop.catalogue import CustomerLine

ALL = tuple(CustomerLine)


def bill() -> Bill:
    """(3 + 10 + 4 + 5) x 1.5 = 33."""
    lines = Bill()
    lines.add("material", "Material", Fraction(3))
    lines.add("machine", "Machine time", Fraction(10))
    lines.add_some("handling", "Handling", Fraction(0))
    lines.add("finish:sanded", "Sanded", Fraction(4))
    lines.add("base_fee", "Base fee", Fraction(5))
    lines.multiply("margin", "Margin", Decimal("1.5"))
    return lines


def test_a_factor_multiplies_what_is_above_it() -> None:
    """And a line of nothing is none, unless it is asked for."""
    lines = bill()
    assert lines.sum == 33
    assert [code for code, _, _ in lines.entries] == [
        *("material", "machine", "finish:sanded", "base_fee", "margin"),
    ]


def test_roundings_that_do_not_add_up_have_a_line_of_their_own() -> None:
    """Thirds do not."""
    thirds = Bill()
    for code in ("material", "machine", "base_fee"):
        thirds.add(code, code, Fraction(1, 3))
    shown = shown_lines(thirds, Decimal("1.00"), ALL)
    assert [(line.code, str(line.amount)) for line in shown] == [
        ("material", "0.33"),
        ("machine", "0.33"),
        ("base_fee", "0.33"),
        ("rounding", "0.01"),
    ]


def test_customers_see_neither_margin_nor_rounding() -> None:
    """It is in `print`, so that theirs add up as well."""
    shown = shown_lines(bill(), Decimal("33.00"), ALL)
    assert {line.code: line.public for line in shown} == {
        "material": True,
        "machine": True,
        "finish:sanded": True,
        "base_fee": True,
        "margin": False,
    }
    seen = customer_lines(shown, ALL)
    assert [(line.code, line.label, str(line.amount)) for line in seen] == [
        ("print", "Print", "24.00"),
        ("finish", "Sanded", "4.00"),
        ("setup", "Set-up", "5.00"),
    ]


def test_what_customers_are_not_shown_is_in_the_print() -> None:
    """A shop that names one line shows one price."""
    shown = shown_lines(bill(), Decimal("33.00"), (CustomerLine.FINISH,))
    assert {line.code for line in shown if line.public} == {"finish:sanded"}
    seen = customer_lines(shown, (CustomerLine.FINISH,))
    assert [(line.code, str(line.amount)) for line in seen] == [
        ("print", "29.00"),
        ("finish", "4.00"),
    ]


def test_several_finishes_are_one_line_for_customers() -> None:
    """Under a name of their own only where there is one."""
    lines = bill()
    lines.add("finish:dyed", "Dyed", Fraction(2))
    seen = customer_lines(shown_lines(lines, Decimal("35.00"), ALL), ALL)
    assert ("finish", "Finish", "6.00") in [(s.code, s.label, str(s.amount)) for s in seen]


def test_every_line_of_a_customer_has_lines_of_the_shop() -> None:
    """The kinds are those that the shop file may name."""
    codes = ("material", "finish:x", "base_fee", "speed", "quantity_discount", "minimum", "tax")
    assert {kind_of(code) for code in codes} == set(CustomerLine)
    assert kind_of("margin") is kind_of("rounding") is kind_of("price_ending") is None

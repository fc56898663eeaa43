"""Text of a figure to a number, or no number at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.gcode.quantities import (
    half_last_digit,
    parse_amount,
    parse_amounts,
    parse_count,
    parse_counts,
    parse_duration_s,
    same_value,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("9s", "9"),
        ("17m 1s", "1021"),
        ("1h 0m 5s", "3605"),
        ("2h 37m 2s", "9422"),
        ("23h 59m 31s", "86371"),
        ("1d 1h 46m 49s", "92809"),
        ("3d 17h 35m 21s", "322521"),
        ("2d", "172800"),
        ("2h 30m", "9000"),
        ("1d 5s", "86405"),
        ("0.500000s", "0.5"),
        ("0s", "0"),
    ],
)
def test_a_duration_may_leave_out_any_unit(text: str, seconds: str) -> None:
    """A pattern of hours and minutes only would price 3d 17h 35m as 17h 35m."""
    assert parse_duration_s(text) == Decimal(seconds)


@pytest.mark.parametrize(
    "text",
    ["", " ", "17", "1w 2d", "5m 1h", "1h 2", "1.5h", "-5s", "5 s", "1h 2m 3s (silent)", "٣s"],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    """Half-understood is worse than not understood."""
    with pytest.raises(ValueError, match=r"^"):
        parse_duration_s(text)


@settings(derandomize=True, database=None)
@given(st.integers(0, 99), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_a_duration_is_read_back(days: int, hours: int, minutes: int, seconds: int) -> None:
    """As both slicers write it: the highest unit first, every smaller one present."""
    text = f"{days}d {hours}h {minutes}m {seconds}s"
    expected = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    assert parse_duration_s(text) == expected


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("1410.40", ("1410.40",)),
        ("3001.18,435.48", ("3001.18", "435.48")),
        ("0,554.46", ("0", "554.46")),
        ("0.00", ("0.00",)),
    ],
)
def test_amounts_keep_every_digit(text: str, amounts: tuple[str, ...]) -> None:
    """The number of digits tells how far the slicer rounded."""
    assert list(map(str, parse_amounts(text))) == list(amounts)


@pytest.mark.parametrize(
    "text",
    ["", "1,", ",1", "nan", "inf", "1e3", "-1", "+1", "1_0", "1.2.3", " 1", "٣", "1" * 13, ".5"],
)
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    """`Decimal` alone would read nan, 1e3 and Arabic digits."""
    with pytest.raises(ValueError, match=r"^"):
        parse_amounts(text)


def test_one_amount_is_not_a_list() -> None:
    """A total is one number."""
    assert parse_amount("4.21") == Decimal("4.21")
    with pytest.raises(ValueError, match="1,2"):
        parse_amount("1,2")


def test_counts_are_whole_numbers() -> None:
    """A layer and a slot have no half."""
    assert parse_count("100") == 100
    assert parse_counts("1,3") == (1, 3)
    for text in ("", "1.0", "-1", "1" * 10, "٣"):
        with pytest.raises(ValueError, match=r"^"):
            parse_count(text)


@pytest.mark.parametrize(
    ("text", "half"), [("4.21", "0.005"), ("0.00", "0.005"), ("7", "0.5"), ("0.00000001", "5E-9")]
)
def test_rounding_is_at_most_half_of_the_last_digit(text: str, half: str) -> None:
    """4.21 stands for anything from 4.205 to 4.215."""
    assert half_last_digit(Decimal(text)) == Decimal(half)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("15.000", "15", True),
        ("-.5", "-0.50", True),
        ("20%", "20", True),
        ("grid", "grid", True),
        ("15", "16", False),
        ("grid", "Grid", False),
        ("15,15", "15", False),
        ("1e1", "10", False),
    ],
)
def test_settings_compare_as_numbers_or_as_texts(one: str, other: str, *, same: bool) -> None:
    """Slicers write one number in several ways, and sometimes in two ways in one file."""
    assert same_value(one, other) is same_value(other, one) is same

from __future__ import annotations

import pytest

from benchmarks.spread import Spread, in_turn, ratios


def test_a_spread_is_the_median_and_the_range() -> None:
    """One slow turn moves the range and not the median."""
    assert Spread.of([1.0, 9.0, 1.2]) == Spread(median=1.2, low=1.0, high=9.0, count=3)


@pytest.mark.parametrize(
    ("values", "digits", "text"),
    [
        pytest.param([1.0, 1.5, 1.04], 2, "1.04 (1.00..1.50)", id="several"),
        pytest.param([1.234], 1, "1.2", id="one-has-no-range"),
        pytest.param([1234.5, 2345.6], 0, "1,790 (1,234..2,346)", id="thousands"),
    ],
)
def test_a_spread_is_written_with_its_range(values: list[float], digits: int, text: str) -> None:
    """A median without its range looks surer than it is."""
    assert Spread.of(values).text(digits) == text


def test_ratios_are_of_neighbours() -> None:
    """A machine that is twice as slow for a while leaves them as they are."""
    assert ratios([2.0, 4.0], [1.0, 2.0]) == [2.0, 2.0]


def test_unequal_numbers_of_turns_make_no_ratios() -> None:
    """They would be ratios of strangers."""
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


def test_works_take_turns_and_each_is_first_as_often() -> None:
    """Whoever always goes first finds a colder machine."""
    order: list[str] = []

    def work(name: str, value: float) -> float:
        order.append(name)
        return value

    assert in_turn(2, lambda: work("a", 1), lambda: work("b", 2)) == [[1, 1], [2, 2]]
    assert order == ["a", "b", "b", "a"]

from __future__ import annotations

import pytest

from pricing_fdm.fetch.pace import MOST_SMALL_PIECES, SMALL_BYTES, Pace, SmallPieces


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    return clock


def test_nothing_is_judged_before_the_first_window_ends(clock: Clock) -> None:
    """A small file over a slow line is not an attack."""
    pace = Pace(1000, 10)
    clock.now_s += 9.9
    assert pace.keeps_up(1)


def test_a_window_below_the_minimum_fails(clock: Clock) -> None:
    """B5: a drip resets every read timeout, but not this."""
    pace = Pace(1000, 10)
    assert pace.keeps_up(9_000)
    clock.now_s += 10
    assert not pace.keeps_up(999)


def test_a_window_at_the_minimum_passes_and_the_next_starts_from_zero(clock: Clock) -> None:
    """Fast bytes at the start must not buy an hour of dripping."""
    pace = Pace(1000, 10)
    clock.now_s += 10
    assert pace.keeps_up(1_000_000)
    clock.now_s += 10
    assert not pace.keeps_up(1)


def test_a_late_piece_is_measured_over_the_time_it_really_took(clock: Clock) -> None:
    """The window ends with the first piece after it, which may come much later."""
    pace = Pace(1000, 10)
    clock.now_s += 20
    assert not pace.keeps_up(10_001)


def test_small_pieces_are_taken_up_to_a_number_and_large_ones_always() -> None:
    """A program that streams a part line by line is no attack; a file of five megabytes can be."""
    pieces = SmallPieces()
    assert not any(pieces.are_too_many(1) for _ in range(MOST_SMALL_PIECES))
    assert pieces.are_too_many(SMALL_BYTES - 1)
    others = SmallPieces()
    assert not any(others.are_too_many(SMALL_BYTES) for _ in range(2 * MOST_SMALL_PIECES))

"""Days until an order is ready."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.pricing.lead_time import lead_time_days, rush_lead_time_days


@pytest.mark.parametrize(
    ("hours", "days"),
    [
        ("0", 1),
        ("2.82", 1),
        ("7.9999", 1),
        ("8", 2),
        ("23.9999", 2),
        ("24", 3),
        ("47.9999", 3),
        ("48", 3),
        ("48.0001", 3),
        ("72", 3),
        ("72.0001", 4),
        ("89.5892", 4),
        ("96", 4),
        ("2400", 100),
    ],
)
def test_every_border_of_the_table(hours: str, days: int) -> None:
    """ADR-010: under 8 h, under 24 h, up to 48 h, then each begun day (48.0001 h is the third)."""
    assert lead_time_days(Decimal(hours)) == days


@pytest.mark.parametrize(
    ("copy_hours", "copies", "days"),
    [
        pytest.param("1", 1, 1, id="never-below-one"),
        pytest.param("20", 1, 1, id="2-halved"),
        pytest.param("24", 1, 2, id="3-halved-and-rounded-up"),
        pytest.param("48", 1, 2, id="one-copy-runs-two-days"),
        pytest.param("48.0001", 1, 3, id="one-copy-runs-into-the-third"),
        pytest.param("240", 1, 10, id="one-copy-cannot-be-halved"),
        pytest.param("1", 240, 5, id="10-halved"),
        pytest.param("40", 3, 4, id="two-copies-on-the-busier-machine: 80 h"),
    ],
)
def test_a_rush_order_takes_half_the_days_but_never_less_than_a_machine_runs(
    copy_hours: str, copies: int, days: int
) -> None:
    """A promise that no number of printers could keep is none."""
    assert rush_lead_time_days(Decimal(copy_hours) * 3600, copies) == days


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(st.decimals(1, 1_000_000, places=1), st.integers(1, 10_000))
def test_a_rush_never_takes_longer(copy_time_s: Decimal, copies: int) -> None:
    """And never less than half as long, since two machines work."""
    usual = lead_time_days(copy_time_s * copies / 3600)
    assert usual / 2 <= rush_lead_time_days(copy_time_s, copies) <= usual

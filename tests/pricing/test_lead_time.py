"""Days until an order is ready."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pricing_fdm.pricing.lead_time import lead_time_days


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

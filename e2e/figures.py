"""Figures of an answer that a price is worked out from."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def of_all_plates(body: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    """Grams and hours of an order: those of its plates, each as often as it is printed."""
    grams, hours = (
        sum((plate["times"] * Decimal(str(plate[name])) for plate in body["plates"]), Decimal(0))
        for name in ("filament_weight_g", "print_time_hours")
    )
    return grams, hours

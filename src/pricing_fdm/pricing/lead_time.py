"""Days until an order is ready, from its machine hours.

The table of ADR-010: under 8 h one day, under 24 h two, up to 48 h three, then as many days as
the machine runs, each begun day counted.
"""

from __future__ import annotations

import math
from decimal import Decimal

_ONE_DAY_BELOW_H = 8
_TWO_DAYS_BELOW_H = 24
_THREE_DAYS_UP_TO_H = 48
_HOURS_PER_DAY = 24


def lead_time_days(machine_hours: Decimal) -> int:
    """Lead time of an order that keeps one machine busy for `machine_hours`."""
    if machine_hours < _ONE_DAY_BELOW_H:
        return 1
    if machine_hours < _TWO_DAYS_BELOW_H:
        return 2
    if machine_hours <= _THREE_DAYS_UP_TO_H:
        return 3
    return math.ceil(machine_hours / _HOURS_PER_DAY)

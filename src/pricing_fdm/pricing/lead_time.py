"""Days until an order is ready, from its machine hours.

The table of ADR-010: under 8 h one day, under 24 h two, up to 48 h three, then as many days as
the machine runs, each begun day counted.

A rush order goes first and is shared out to two machines: half the days, a half counted as one. A
copy cannot be shared out, so it is never less than the busier machine runs, each begun day counted.
"""

from __future__ import annotations

import math
from decimal import Decimal

_ONE_DAY_BELOW_H = 8
_TWO_DAYS_BELOW_H = 24
_THREE_DAYS_UP_TO_H = 48
_HOURS_PER_DAY = 24
_SECONDS_PER_HOUR = 3600
_SECONDS_PER_DAY = _HOURS_PER_DAY * _SECONDS_PER_HOUR
_RUSH_MACHINES = 2


def lead_time_days(machine_hours: Decimal) -> int:
    """Lead time of an order that keeps one machine busy for `machine_hours`."""
    if machine_hours < _ONE_DAY_BELOW_H:
        return 1
    if machine_hours < _TWO_DAYS_BELOW_H:
        return 2
    if machine_hours <= _THREE_DAYS_UP_TO_H:
        return 3
    return math.ceil(machine_hours / _HOURS_PER_DAY)


def rush_lead_time_days(copy_time_s: Decimal, copies: int) -> int:
    """Lead time of a rush order of `copies`, each printed for `copy_time_s`."""
    copies_of_the_busier = math.ceil(Decimal(copies) / _RUSH_MACHINES)
    busier_days = math.ceil(copy_time_s * copies_of_the_busier / _SECONDS_PER_DAY)
    usual_days = lead_time_days(copy_time_s * copies / _SECONDS_PER_HOUR)
    return max(busier_days, math.ceil(Decimal(usual_days) / _RUSH_MACHINES))

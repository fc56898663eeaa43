"""Days until an order is ready.

`table` is that of ADR-010: under 8 machine hours one day, under 24 two, up to 48 three, then as
many days as the machine runs, each begun day counted. `capacity` shares the plates out to the
printer's machines, which print so many hours on each working day, after what waits already.

A faster delivery goes first and takes its share of the usual days, each begun day counted. It is
shared out to more machines (to two for half the days), but a plate cannot be: so it is never less
than the busiest machine prints.
"""

from __future__ import annotations

import datetime as dt
import heapq
import math
import zoneinfo
from decimal import Decimal
from fractions import Fraction

from pricing_fdm.pricing.job import Plate, WholeOrder
from pricing_fdm.shop.tariff import LeadTime, Speed, Weekday

_ONE_DAY_BELOW_H = 8
_TWO_DAYS_BELOW_H = 24
_THREE_DAYS_UP_TO_H = 48
_HOURS_PER_DAY = 24
_SECONDS_PER_HOUR = 3600
_US_PER_SECOND = 1_000_000
_DAY = dt.timedelta(days=1)


def lead_time_days(order: WholeOrder, speed: Speed | None) -> int:
    """Calendar days from now until the order is ready, at this speed or the usual one."""
    # The parts are finished side by side, one finish after the other.
    finishing_days = max(sum(finish.days for finish in job.finishes) for job in order.jobs)
    rules = order.shop.lead_time
    if rules.model == "table":
        return _by_table(order, speed) + finishing_days
    today = local_time(order.now, rules).date()
    begin = _begin(order.now, rules)
    ready = _after(begin, _working_days(order, speed) - 1 + finishing_days, rules)
    return max(1, (ready - today).days)


def local_time(now: dt.datetime, rules: LeadTime) -> dt.datetime:
    """What the clock on the shop's wall shows."""
    return now.astimezone(zoneinfo.ZoneInfo(rules.time_zone))


def table_days(machine_hours: Fraction) -> int:
    """ADR-010's table, for an order that keeps one machine busy for so long."""
    if machine_hours < _ONE_DAY_BELOW_H:
        return 1
    if machine_hours < _TWO_DAYS_BELOW_H:
        return 2
    if machine_hours <= _THREE_DAYS_UP_TO_H:
        return 3
    return math.ceil(machine_hours / _HOURS_PER_DAY)


def busiest_hours(plates: tuple[Plate, ...], machines: int) -> Fraction:
    """Hours that the busiest machine prints when each plate goes to the least busy one."""
    times_us = [
        time_us
        for plate in plates
        for time_us in [int(Fraction(plate.machine_time_s) * _US_PER_SECOND)] * plate.times
    ]
    busy_us = [0] * machines  # whole numbers: an order may have ten thousand plates
    for time_us in sorted(times_us, reverse=True):
        heapq.heapreplace(busy_us, busy_us[0] + time_us)
    return Fraction(max(busy_us), _US_PER_SECOND * _SECONDS_PER_HOUR)


def _by_table(order: WholeOrder, speed: Speed | None) -> int:
    usual = table_days(order.hours)
    if speed is None:
        return usual
    busiest = busiest_hours(order.plates, math.ceil(1 / Fraction(speed.days_factor)))
    return _sooner(usual, math.ceil(busiest / _HOURS_PER_DAY), speed)


def _working_days(order: WholeOrder, speed: Speed | None) -> int:
    """Those of the printer that takes longest."""
    return max(_days_of_printer(order, printer, speed) for printer in order.printers)


def _days_of_printer(order: WholeOrder, printer: str, speed: Speed | None) -> int:
    rules, machines = order.shop.lead_time, order.shop.printer(printer).count
    batches = [batch for batch in order.batches if batch.printer == printer]
    busiest = busiest_hours(tuple(plate for each in batches for plate in each.plates), machines)
    backlog = batches[0].backlog_hours
    waiting = Fraction(rules.backlog_hours if backlog is None else backlog)
    usual = _begun_days(busiest + waiting / machines, rules.hours_per_day)
    least = _begun_days(busiest, rules.hours_per_day)
    return usual if speed is None else _sooner(usual, least, speed)


def _begun_days(hours: Fraction, hours_per_day: Decimal) -> int:
    return max(1, math.ceil(hours / Fraction(hours_per_day)))


def _sooner(usual_days: int, least_days: int, speed: Speed) -> int:
    return max(least_days, math.ceil(usual_days * Fraction(speed.days_factor)))


def _begin(now: dt.datetime, rules: LeadTime) -> dt.date:
    """The working day on which an order of now begins: the next one from the cut-off on."""
    local = local_time(now, rules)
    is_late = rules.cut_off is not None and local.time() >= rules.cut_off
    return _after(local.date() + _DAY if is_late else local.date(), 0, rules)


def _after(day: dt.date, working_days: int, rules: LeadTime) -> dt.date:
    """The first working day from `day` on, or the one so many working days later."""
    week = list(Weekday)
    left = working_days
    while True:
        if week[day.weekday()] in rules.working_days:
            if left == 0:
                return day
            left -= 1
        day += _DAY

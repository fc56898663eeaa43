"""Days until an order is ready."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.pricing import lead_time
from pricing_fdm.pricing.job import Batch, Job, Plate, WholeOrder
from pricing_fdm.pricing.lead_time import busiest_hours, table_days
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.tariff import LeadTime, Speed
from tests.pricing.jobs import job, metrics
from tests.shop.shops import bundled_shop, full_shop

MADRID = ZoneInfo("Europe/Madrid")


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
    assert table_days(Fraction(hours)) == days


def printed(hours: str, copies: int, **order: Any) -> Job:
    """Copies that print for so long each."""
    return job(metrics(str(Fraction(hours) * 3600).split("/")[0], "50"), quantity=copies, **order)


def lead_time_days(order: Job, speed: Speed | None) -> int:
    """Of the order of one part."""
    return lead_time.lead_time_days(WholeOrder.of_one(order), speed)


def rush() -> Speed:
    return bundled_shop().tariff.speeds[0]


@pytest.mark.parametrize(
    ("copy_hours", "copies", "days"),
    [
        pytest.param("1", 1, 1, id="never-below-one"),
        pytest.param("20", 1, 1, id="2-halved"),
        pytest.param("24", 1, 2, id="3-halved-and-rounded-up"),
        pytest.param("48", 1, 2, id="one-copy-runs-two-days"),
        pytest.param("49", 1, 3, id="one-copy-runs-into-the-third"),
        pytest.param("240", 1, 10, id="one-copy-cannot-be-halved"),
        pytest.param("1", 240, 5, id="10-halved"),
        pytest.param("40", 3, 4, id="two-copies-on-the-busier-machine: 80 h"),
    ],
)
def test_a_rush_order_takes_half_the_days_but_never_less_than_a_machine_runs(
    copy_hours: str, copies: int, days: int
) -> None:
    """A promise that no number of printers could keep is none."""
    assert lead_time_days(printed(copy_hours, copies), rush()) == days


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(st.integers(1, 1_000_000), st.integers(1, 10_000))
def test_a_rush_never_takes_longer(copy_time_s: int, copies: int) -> None:
    """And never less than half as long, since two machines work."""
    order = job(metrics(str(copy_time_s), "50"), quantity=copies)
    usual = lead_time_days(order, None)
    assert usual / 2 <= lead_time_days(order, rush()) <= usual


def test_plates_of_different_lengths_are_shared_out_to_the_least_busy_machine() -> None:
    """By hand: 5, 3, 3 and 2 h on two machines are 5 + 2 and 3 + 3."""
    plates = (Plate(1, 1, metrics("7200", "1")), Plate(1, 2, metrics("10800", "1")))
    assert busiest_hours((*plates, Plate(1, 1, metrics("18000", "1"))), 2) == 7
    assert busiest_hours((Plate(4, 10_000, metrics("3600", "1")),), 3) == 3334


# ----------------------------------------------------------------------------------- capacity

RULES: dict[str, Any] = {
    "model": "capacity",
    "hours_per_day": 20,
    "cut_off": "14:00",
    "time_zone": "Europe/Madrid",
}


def capable(folder: Path, machines: int = 1, **rules: Any) -> Shop:
    """A shop that counts its machines."""
    shop = full_shop(folder)
    first, *others = shop.printers
    return shop.model_copy(
        update={
            "lead_time": LeadTime.model_validate({**RULES, **rules}),
            "printers": (first.model_copy(update={"count": machines}), *others),
        }
    )


def at(text: str) -> dt.datetime:
    """A time on the shop's wall."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=MADRID)


def days(shop: Shop, now: str, hours: int, copies: int = 1, **order: Any) -> int:
    """The usual lead time of copies that print for so long each."""
    copy = metrics(str(hours * 3600), "50")
    return lead_time_days(job(copy, quantity=copies, shop=shop, now=at(now), **order), None)


# 30 November 2026 is a Monday.
@pytest.mark.parametrize(
    ("now", "hours", "expected"),
    [
        pytest.param("2026-11-30T10:00", 5, 1, id="the-day-itself-is-told-as-one"),
        pytest.param("2026-11-30T10:00", 20, 1, id="a-full-day"),
        pytest.param("2026-11-30T10:00", 21, 1, id="monday-and-tuesday"),
        pytest.param("2026-11-30T10:00", 41, 2, id="monday-to-wednesday"),
        pytest.param("2026-11-30T15:00", 20, 1, id="late-begins-on-tuesday"),
        pytest.param("2026-11-30T15:00", 21, 2, id="late-and-two-days"),
        pytest.param("2026-12-04T10:00", 21, 3, id="friday-and-monday"),
        pytest.param("2026-12-04T15:00", 5, 3, id="late-on-friday-begins-on-monday"),
        pytest.param("2026-12-05T09:00", 5, 2, id="saturday-begins-on-monday"),
        pytest.param("2026-12-06T23:59", 5, 1, id="sunday-night-begins-on-monday"),
        pytest.param("2026-12-03T10:00", 100, 6, id="five-days-over-a-weekend"),
    ],
)
def test_work_is_done_on_working_days(tmp_path: Path, now: str, hours: int, expected: int) -> None:
    """By hand, with a calendar."""
    assert days(capable(tmp_path), now, hours) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-30T13:59:59", 1),
        ("2026-11-30T13:59:59.999999", 1),
        ("2026-11-30T14:00:00", 2),
        ("2026-11-30T14:00:01", 2),
    ],
)
def test_the_cut_off_is_a_second_of_the_shop_s_clock(
    tmp_path: Path, now: str, expected: int
) -> None:
    """Until 14:00 means before it. 21 h are two days."""
    assert days(capable(tmp_path), now, 21) == expected


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        # Summer time begins on Sunday, 29 March 2026: 14:00 in Madrid is 13:00 UTC, then 12:00.
        ("2026-03-27T12:59:59", 3),
        ("2026-03-27T13:00:00", 4),
        ("2026-03-30T11:59:59", 1),
        ("2026-03-30T12:00:00", 2),
        # It ends on Sunday, 25 October 2026.
        ("2026-10-23T11:59:59", 3),
        ("2026-10-23T12:00:00", 4),
        ("2026-10-26T12:59:59", 1),
        ("2026-10-26T13:00:00", 2),
    ],
)
def test_the_cut_off_follows_summer_time(tmp_path: Path, utc: str, expected: int) -> None:
    """The clock on the wall counts, and a day of 23 hours is a day."""
    now = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    order = job(metrics(str(21 * 3600), "50"), shop=capable(tmp_path), now=now)
    assert lead_time_days(order, None) == expected


@pytest.mark.parametrize(
    ("machines", "copies", "expected"), [(1, 8, 3), (4, 8, 1), (4, 9, 1), (3, 9, 1), (4, 20, 2)]
)
def test_plates_are_shared_out_to_the_machines(
    tmp_path: Path, machines: int, copies: int, expected: int
) -> None:
    """10 h each: two a day on each machine, from Monday morning on."""
    shop = capable(tmp_path, machines)
    assert days(shop, "2026-11-30T10:00", 10, copies) == expected


def test_what_waits_already_is_done_before(tmp_path: Path) -> None:
    """By hand: 60 h on two machines are 30 h, and 5 h more 35: Monday and Tuesday."""
    shop = capable(tmp_path, 2, backlog_hours=60)
    assert days(shop, "2026-11-30T10:00", 5) == 1
    more = capable(tmp_path, 2, backlog_hours=150)
    assert days(more, "2026-11-30T10:00", 5) == 3


def test_a_faster_delivery_goes_before_what_waits(tmp_path: Path) -> None:
    """Half of five working days is three; without the backlog the plates take one."""
    shop = capable(tmp_path, backlog_hours=80)
    order = job(metrics(str(20 * 3600), "50"), shop=shop, now=at("2026-11-30T10:00"))
    express, overnight = shop.tariff.speeds
    assert lead_time_days(order, None) == 4
    assert lead_time_days(order, express) == 2
    assert lead_time_days(order, overnight) == 1


def test_a_finish_takes_its_working_days(tmp_path: Path) -> None:
    """Two days of sanding from Friday on end on Tuesday."""
    shop = capable(tmp_path)
    sanding = tuple(each.model_copy(update={"days": 2}) for each in shop.finishes)
    shop = shop.model_copy(update={"finishes": sanding})
    assert days(shop, "2026-12-04T10:00", 5, finishes=("sanded",)) == 4


def test_a_shop_may_work_on_any_days(tmp_path: Path) -> None:
    """Only on Saturdays, say."""
    shop = capable(tmp_path, working_days=["sat"], cut_off=None)
    assert days(shop, "2026-11-30T23:00", 21) == 12


def test_parts_on_several_printers_are_ready_with_the_last(tmp_path: Path) -> None:
    """By hand: 20 hours a day; 50 h on one printer end two days on, 15 h on the other today."""
    shop = capable(tmp_path)
    long, short = (
        Batch((each,), each.plates)
        for each in (
            job(metrics("180000", "50"), shop=shop),
            replace(job(metrics("54000", "50"), shop=shop), printer=shop.printers[1].id),
        )
    )
    both = WholeOrder((long, short), None)
    assert both.printers == {"mk3s", "xl"}
    assert lead_time.lead_time_days(both, None) == 2
    assert lead_time.lead_time_days(WholeOrder((short,), None), None) == 1

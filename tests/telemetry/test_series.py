"""Series are there before anything has happened, where their labels are known."""

from __future__ import annotations

from enum import StrEnum

from prometheus_client import CollectorRegistry, generate_latest

from pricing_fdm.telemetry.series import counter, histogram


class Fruit(StrEnum):
    """Values of a label."""

    APPLE = "apple"
    PEAR = "pear"


def lines(registry: CollectorRegistry) -> list[str]:
    """Of the totals and counts."""
    told = generate_latest(registry).decode().splitlines()
    counted = [line for line in told if "_total" in line or "_count" in line]
    return [line for line in counted if not line.startswith("#")]


def test_every_combination_of_known_values_begins_with_zero() -> None:
    """An alert on a rate misses the first of a series that begins with 1."""
    registry = CollectorRegistry()
    counter(registry, "eaten", "Eaten.", fruit=Fruit, ripe=("no", "yes"))
    assert lines(registry) == [
        f'eaten_total{{fruit="{fruit}",ripe="{ripe}"}} 0.0'
        for fruit in ("apple", "pear")
        for ripe in ("no", "yes")
    ]


def test_a_label_whose_values_are_known_later_has_no_series_yet() -> None:
    """They come with the first event; what has no label is there at once."""
    registry = CollectorRegistry()
    counter(registry, "asked", "Asked.", status=())
    histogram(registry, "size", "Size.", (1, 2), stage=())
    assert lines(registry) == []
    histogram(registry, "time", "Time.", (1, 2))
    assert lines(registry)[-1] == "time_count 0.0"

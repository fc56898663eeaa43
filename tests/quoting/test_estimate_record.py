"""Slices check estimates, within bounds."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import cast

import pytest

from pricing_fdm.quoting.estimate_record import FILAMENT, PRINT_TIME, EstimateRecord
from pricing_fdm.quoting.slicing import Sliced
from pricing_fdm.quoting.workshop import Plan
from tests.quoting.bench import order_of
from tests.quoting.cache.slice_results import slice_result

LIKELY = {PRINT_TIME: 2.0, FILAMENT: 20.0}


def sliced(key: str = "key", sha256: str = "mesh", *, cached: bool = False) -> Sliced:
    """3 h and 10 g."""
    result = slice_result()
    metrics = replace(result.metrics, print_time_s=Decimal(10_800), filament_g=Decimal(10))
    result = replace(result, metrics=metrics)
    plan = cast("Plan", SimpleNamespace(presets=SimpleNamespace(hash="presets")))
    return Sliced(key, sha256, plan, order_of(), result, cached)


@pytest.fixture
def ratios() -> list[tuple[str, float]]:
    """What the metric was told."""
    return []


@pytest.fixture
def record(ratios: list[tuple[str, float]]) -> EstimateRecord:
    """A record that tells it."""
    record = EstimateRecord()
    record.on_ratio = lambda figure, ratio: ratios.append((figure, ratio))
    return record


def test_a_slice_is_compared_once_with_the_estimate_of_its_question(
    record: EstimateRecord, ratios: list[tuple[str, float]]
) -> None:
    """Each quote of a cached result would count the same error again."""
    record.estimated("key", LIKELY)
    record.sliced(sliced("other"))
    assert ratios == []
    record.sliced(sliced())
    record.sliced(sliced())
    assert ratios == [(PRINT_TIME, 1.5), (FILAMENT, 0.5)]


def test_who_awaits_a_slice_is_told_once(record: EstimateRecord) -> None:
    """Of the slice of that question; a cached result is no slice."""
    told: list[Sliced] = []
    record.await_slice("key", told.append)
    record.sliced(sliced("other"))
    record.sliced(sliced(cached=True))
    assert told == []
    record.await_slice("key", told.append)
    record.sliced(sliced())
    record.sliced(sliced())
    assert [each.key for each in told] == ["key"]


def test_a_cached_result_is_not_compared_and_still_anchors(
    record: EstimateRecord, ratios: list[tuple[str, float]]
) -> None:
    """An estimate that starts from that very slice would always seem right."""
    record.estimated("key", LIKELY)
    record.sliced(sliced(cached=True))
    assert ratios == []
    assert [each.key for each in record.variants("mesh")] == ["key"]


def test_the_latest_variants_of_a_mesh_are_kept(record: EstimateRecord) -> None:
    """A mesh of hundreds of variants takes no more room than one of four."""
    for number in (1, 2, 3, 4, 5, 2):
        record.sliced(sliced(str(number)))
    assert [each.key for each in record.variants("mesh")] == ["2", "5", "4", "3"]
    assert record.variants("another") == ()


def test_what_was_estimated_long_ago_is_forgotten(
    record: EstimateRecord, ratios: list[tuple[str, float]]
) -> None:
    """Anybody can ask for estimates."""
    for number in range(10_001):
        record.estimated(str(number), LIKELY)
    record.sliced(sliced("0"))
    assert ratios == []
    record.sliced(sliced("1"))
    assert len(ratios) == 2


def test_a_plate_has_the_overhead_of_the_last_slice_once(record: EstimateRecord) -> None:
    """Each copy by itself would be charged for heating the bed, and drawing the skirt."""
    copy = sliced().result.metrics
    assert record.overhead("presets").of_plate(copy, 3).print_time_s == 3 * copy.print_time_s
    told = sliced()
    metrics = replace(copy, overhead_s=Decimal(600), overhead_g=Decimal("0.5"))
    record.sliced(replace(told, result=replace(told.result, metrics=metrics)))
    plate = record.overhead("presets").of_plate(copy, 3)
    assert (plate.print_time_s, plate.filament_g) == (Decimal(31_200), Decimal(29))
    assert record.overhead("presets").of_plate(copy, 1) == copy
    assert record.overhead("others").of_plate(copy, 2).filament_g == 20

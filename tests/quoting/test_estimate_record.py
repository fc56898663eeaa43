"""Slices check estimates, across processes and within bounds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from pricing_fdm.estimate.labels import Label
from pricing_fdm.quoting.cache.memory_texts import MemoryTexts
from pricing_fdm.quoting.estimate_figures import FILAMENT, PRINT_TIME
from pricing_fdm.quoting.estimate_notes import Overhead, figures_for
from pricing_fdm.quoting.estimate_prices import Measured
from pricing_fdm.quoting.estimate_record import EstimateRecord
from pricing_fdm.quoting.slicing import Sliced
from tests.estimate.labels import rows
from tests.quoting.bench import Bench, Run, order_of
from tests.quoting.cache.slice_results import slice_result
from tests.quoting.cache.test_result_cache import Store

PART = rows()[0].part
LIKELY = {PRINT_TIME: 2.0, FILAMENT: 20.0}


@dataclass
class Process:
    """A gateway or a worker.

    Attributes:
        ratios: What its metric was told.
        labels: What it kept for the next training.
    """

    measured: Measured
    record: EstimateRecord
    ratios: list[tuple[str, float]] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)

    @classmethod
    def of(cls, bench: Bench, store: Store | MemoryTexts, *, labels: bool = False) -> Process:
        """One that shares what the store holds."""
        plan, *_ = bench.pipeline.workshop.plans(order_of())
        measured = Measured(plan, slice_result().part, PART, figures_for(plan, order_of()))
        process = cls(measured, EstimateRecord(store))
        if labels:
            process.record = EstimateRecord(store, process.labels.append)
        process.record.on_ratio = lambda figure, ratio: process.ratios.append((figure, ratio))
        return process

    async def estimate(self, key: str = "key") -> None:
        """2 h and 20 g."""
        await self.record.estimated(key, LIKELY, self.measured)

    async def slice(self, key: str = "key", overhead_s: Decimal | None = None) -> None:
        """3 h and 10 g."""
        result = slice_result()
        metrics = replace(
            result.metrics,
            print_time_s=Decimal(10_800),
            filament_g=Decimal(10),
            overhead_s=overhead_s,
            overhead_g=Decimal("0.5"),
        )
        result, plan = replace(result, metrics=metrics), self.measured.plan
        await self.record.sliced(Sliced(key, "mesh", plan, order_of(), result, cached=False))


def test_a_worker_compares_its_slice_with_the_estimate_of_a_gateway(run: Run) -> None:
    """With that of the same question; and each gateway hears what has been sliced."""

    async def test(bench: Bench) -> None:
        store = Store()
        gateway, worker = Process.of(bench, store), Process.of(bench, store)
        await gateway.estimate()
        await worker.slice("other")
        assert worker.ratios == []
        await worker.slice(overhead_s=Decimal(600))
        assert sorted(worker.ratios) == [(FILAMENT, 0.5), (PRINT_TIME, 1.5)]
        assert gateway.ratios == []
        found = await gateway.record.variants("mesh")
        assert [(each.key, each.print_time_s) for each in found] == [
            ("key", 10_800.0),
            ("other", 10_800.0),
        ]
        assert await gateway.record.variants("another") == ()
        assert await gateway.record.overhead(found[0].profile_hash) == Overhead(
            Decimal(600), Decimal("0.5")
        )

    run(test)


def test_a_slice_of_a_part_that_a_gateway_estimated_is_a_label(run: Run) -> None:
    """Where both keep labels; nobody else is sent sections."""

    async def test(bench: Bench) -> None:
        store = Store()
        gateway, worker = (Process.of(bench, store, labels=True) for _ in range(2))
        await gateway.estimate()
        await Process.of(bench, store).slice()
        await worker.slice()
        assert [each.row.part for each in worker.labels] == [PART]
        store.texts.clear()
        await Process.of(bench, store).estimate()
        await worker.slice()
        assert len(worker.labels) == 1
        assert len(max(store.texts.values(), key=len)) < 8000

    run(test)


@pytest.mark.parametrize("damage", ["", "{}", '{"key": "key", "likely": {"print_time_hours": 0}}'])
def test_damage_and_silence_cost_a_comparison_and_no_slice(run: Run, damage: str) -> None:
    """A quote waits for the record, so it raises nothing."""

    async def test(bench: Bench) -> None:
        store = Store()
        process = Process.of(bench, store)
        await process.estimate()
        await process.slice()
        store.texts = dict.fromkeys(store.texts, damage)
        process.ratios.clear()
        assert await process.record.variants("mesh") == ()
        await process.slice()
        store.silent = True
        await process.estimate()
        await process.slice()
        assert await process.record.variants("mesh") == ()
        assert await process.record.overhead("presets") == Overhead()
        assert process.ratios == []

    run(test)


def test_the_latest_variants_of_a_mesh_are_kept(run: Run) -> None:
    """A mesh of hundreds of variants takes no more room than one of four."""

    async def test(bench: Bench) -> None:
        process = Process.of(bench, Store())
        for number in (1, 2, 3, 4, 5, 2):
            await process.slice(str(number))
        found = await process.record.variants("mesh")
        assert [each.key for each in found] == ["2", "5", "4", "3"]

    run(test)


def test_estimates_take_no_more_room_however_many_there_are(run: Run) -> None:
    """Anybody can ask for them; one that lost its place is not compared with another's slice."""

    async def test(bench: Bench) -> None:
        store = Store()
        process = Process.of(bench, store)
        for number in range(30_000):
            await process.estimate(str(number))
        assert len(store.texts) <= 4096
        await process.slice("0")
        assert process.ratios == []
        await process.slice("29999")
        assert len(process.ratios) == 2

    run(test)

"""An order of several parts takes one place, fetches one after the other, and leaves nothing."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from pricing_fdm.errors import (
    DownloadFailed,
    ModelFormat,
    ModelTooLarge,
    QueueFull,
    QueueTimeout,
)
from pricing_fdm.model import Download, Order
from pricing_fdm.quoting.admission import SlotDeadline
from pricing_fdm.quoting.ordering import OrderQuote, quote_order
from pricing_fdm.quoting.pipeline import Source
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import StageTimer
from tests.harness.shapes import binary_stl, box
from tests.quoting.bench import PATIENCE_S, SLOTS, Bench, Run, order_of, source_of

CUBE, SLAB = binary_stl(box(20, 20, 20)), binary_stl(box(40, 20, 4))
ROOMY = 10**6


async def order(
    bench: Bench,
    *parts: tuple[Order, Source],
    max_bytes: int = ROOMY,
    timer: StageTimer | None = None,
) -> OrderQuote:
    """Prices parts together."""
    return await quote_order(
        bench.pipeline, parts, None, timer or StageTimer(), max_bytes=max_bytes
    )


def test_models_are_fetched_one_after_the_other_in_one_place(run: Run) -> None:
    """50 downloads at once would be another service's attack; equal parts share their slice."""

    async def test(bench: Bench) -> None:
        fetching, most = 0, 0

        async def slowly(destination: Path) -> Download:
            nonlocal fetching, most
            fetching += 1
            most = max(most, fetching)
            assert bench.admission.admitted == 1
            await asyncio.sleep(0)
            fetching -= 1
            return await bench.fetch(CUBE, destination)

        timer = StageTimer()
        found = await order(bench, *[(order_of(), slowly)] * 4, timer=timer)
        assert (most, bench.downloads) == (1, 4)
        assert bench.engine.begun == 2  # the part by itself, and the plate of four
        assert found.price is not None
        assert found.price.total == sum(found.shares)
        assert all(isinstance(part, Quote) for part in found.parts)
        assert all(fork.ended for fork in timer.forks)

    run(test)


def test_where_a_part_fails_no_plate_is_sliced(run: Run) -> None:
    """Nobody gets a price then; what is wrong with each is told all the same."""

    async def gone(_: Path) -> Download:
        raise DownloadFailed("It is gone.")

    async def test(bench: Bench) -> None:
        cube, page = source_of(bench, CUBE), source_of(bench, b"<html></html>")
        found = await order(
            bench, (order_of(), cube), (order_of(), gone), (order_of(), page), (order_of(), cube)
        )
        assert [type(part) for part in found.parts] == [
            *(type(None), DownloadFailed, ModelFormat, type(None))
        ]
        assert (found.price, found.plates, found.shares) == (None, (), ())
        assert bench.engine.begun == 1

    run(test)


def test_models_are_together_no_larger_than_is_allowed(run: Run) -> None:
    """What is too much is deleted before the next is fetched."""

    async def test(bench: Bench) -> None:
        kept: list[int] = []

        async def fetch(destination: Path) -> Download:
            kept.append(len(list(bench.temp_dir.glob("*/upload"))))
            return await bench.fetch(CUBE, destination)

        found = await order(bench, *[(order_of(), fetch)] * 4, max_bytes=2 * len(CUBE))
        failed = [type(part) for part in found.parts]
        assert failed == [type(None), type(None), ModelTooLarge, ModelTooLarge]
        assert kept == [0, 1, 2, 2]

    run(test)


def test_an_order_that_finds_no_room_is_refused_as_a_whole(run: Run) -> None:
    """It can be sent again, as a quote."""

    async def test(bench: Bench) -> None:
        parts = [(order_of(), source_of(bench, CUBE)), (order_of(), source_of(bench, SLAB))]
        with contextlib.ExitStack() as others:
            for _ in range(SLOTS):
                deadline = SlotDeadline(PATIENCE_S)
                others.enter_context(await bench.pipeline.admission.take_slot(deadline))
            with pytest.raises(QueueTimeout):
                await order(bench, *parts)
        with contextlib.ExitStack() as others:
            with contextlib.suppress(QueueFull):
                while True:
                    others.enter_context(bench.pipeline.admission.place())
            with pytest.raises(QueueFull):
                await order(bench, *parts)

    run(test)


def test_an_order_that_is_given_up_stops_its_slices(run: Run) -> None:
    """The bench is at rest afterwards: no place, no slot, no folder."""

    async def test(bench: Bench) -> None:
        begun = asyncio.Event()

        async def forever(_: object) -> None:
            begun.set()
            await asyncio.Event().wait()

        bench.engine.during = forever
        parts = [(order_of(infill=infill), source_of(bench, CUBE)) for infill in (10, 20, 30)]
        ordering = asyncio.create_task(order(bench, *parts))
        await begun.wait()
        ordering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ordering

    run(test)

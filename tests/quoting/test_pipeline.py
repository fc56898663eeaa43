"""The way of a quote: each step in its order, each once, and nothing left when one fails."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import pytest

from pricing_fdm.errors import (
    DownloadFailed,
    ModelFormat,
    PricingError,
    QueueFull,
    ResultIncomplete,
    SlicerCrashed,
    WorkspaceFull,
)
from pricing_fdm.model import Download, Order, Supports
from pricing_fdm.quoting.timing import Stage, StageTimer
from pricing_fdm.slicers.engine import SliceJob
from tests.harness.shapes import binary_stl, box
from tests.quoting.bench import Bench, Run, order_of

CUBE = binary_stl(box(20, 20, 20))


def test_a_quote_goes_through_the_stages_in_their_order(run: Run) -> None:
    """And its figures are those of the one slice."""

    async def test(bench: Bench) -> None:
        timer = StageTimer()
        quote = await bench.quote(CUBE, order_of(), timer)
        assert [timing.name for timing in timer.stage_timings()] == [stage.value for stage in Stage]
        assert (bench.downloads, bench.engine.begun) == (1, 1)
        assert not quote.cached
        assert quote.part.dimensions_mm == pytest.approx((20, 20, 20))
        assert quote.engine.name == "prusa"

    run(test)


def test_a_repeat_is_fetched_and_priced_anew_and_not_sliced(run: Run) -> None:
    """The price is never cached: another quantity has another one."""

    async def test(bench: Bench) -> None:
        bench.multiply_copies()
        first = await bench.quote(CUBE, order_of())
        timer = StageTimer()
        again = await bench.quote(CUBE, order_of(quantity=3), timer)
        assert [timing.name for timing in timer.stage_timings()] == ["download", "inspect"]
        assert (bench.downloads, bench.engine.begun) == (2, 1)
        assert again.cached
        assert again.metrics == first.metrics
        assert again.price.total > first.price.total

    run(test)


@pytest.mark.parametrize(
    "other",
    [
        order_of(infill=30),
        order_of("tpu"),
        order_of(supports=Supports.NEVER),
    ],
    ids=["infill", "material", "supports"],
)
def test_what_moves_a_figure_is_another_result(run: Run, other: Order) -> None:
    """Invariant 2: every setting reaches the slicer."""

    async def test(bench: Bench) -> None:
        await bench.quote(CUBE, order_of())
        assert not (await bench.quote(CUBE, other)).cached
        assert bench.engine.begun == 2

    run(test)


def test_other_bytes_are_another_result(run: Run) -> None:
    """A model is known by its bytes and not by where it lies."""

    async def test(bench: Bench) -> None:
        await bench.quote(CUBE, order_of())
        assert not (await bench.quote(binary_stl(box(20, 20, 19)), order_of())).cached

    run(test)


def test_a_refused_model_is_refused_again_without_a_second_look(run: Run) -> None:
    """The refusal is the model's own fault, and the same for as long as it is kept."""

    async def test(bench: Bench) -> None:
        timers = [StageTimer(), StageTimer()]
        for timer in timers:
            with pytest.raises(ModelFormat):
                await bench.quote(b"<html></html>", order_of(), timer)
        counts = bench.pipeline.results.totals()
        assert (counts["miss"], counts["refused"]) == (1, 1)

    run(test)


@pytest.mark.parametrize("failure", [SlicerCrashed, ResultIncomplete], ids=lambda kind: kind.code)
def test_a_failure_of_the_slicer_is_tried_again_at_once(
    run: Run, failure: type[PricingError]
) -> None:
    """It may not have been the model."""

    async def fail(_job: SliceJob) -> None:
        raise failure("The slicer failed.")

    async def test(bench: Bench) -> None:
        bench.engine.during = fail
        with pytest.raises(failure):
            await bench.quote(CUBE, order_of())
        bench.engine.during = None
        assert not (await bench.quote(CUBE, order_of())).cached

    run(test)


def test_a_model_that_does_not_come_costs_nothing_else(run: Run) -> None:
    """The failed stage is named."""

    async def source(_destination: Path) -> Download:
        raise DownloadFailed("Failed to download.")

    async def test(bench: Bench) -> None:
        timer = StageTimer()
        with pytest.raises(DownloadFailed):
            await bench.pipeline.quote(order_of(), source, timer)
        (timing,) = timer.stage_timings()
        assert (timing.name, timing.failed) == ("download", True)
        assert bench.engine.begun == 0

    run(test)


def test_a_disk_that_fills_is_told_as_that_in_whichever_step(run: Run) -> None:
    """While fetching and while slicing: 503 with a time to come back, not a fault of the model."""

    async def source(_destination: Path) -> Download:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def fill(_job: SliceJob) -> None:
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    async def test(bench: Bench) -> None:
        with pytest.raises(WorkspaceFull):
            await bench.pipeline.quote(order_of(), source, StageTimer())
        bench.engine.during = fill
        with pytest.raises(WorkspaceFull):
            await bench.quote(CUBE, order_of())

    run(test)


def test_without_a_place_nothing_is_fetched(run: Run) -> None:
    """A request costs nothing before it is admitted."""

    async def test(bench: Bench) -> None:
        may_end = asyncio.Event()
        bench.engine.during = lambda _job: may_end.wait()
        places = bench.admission._most_admitted
        waiting = [asyncio.create_task(bench.quote(CUBE, order_of())) for _ in range(places)]
        while bench.downloads < places:  # noqa: ASYNC110 - nobody sets an event
            await asyncio.sleep(0.01)
        with pytest.raises(QueueFull):
            await bench.quote(CUBE, order_of())
        assert bench.downloads == places
        may_end.set()
        totals = {quote.price.total for quote in await asyncio.gather(*waiting)}
        assert len(totals) == 1
        assert bench.engine.begun == 1

    run(test)


def test_a_caller_who_leaves_leaves_nothing_behind(run: Run) -> None:
    """The slice is ended, the slot and the folder are free."""

    async def test(bench: Bench) -> None:
        begun = asyncio.Event()

        async def forever(_job: SliceJob) -> None:
            begun.set()
            await asyncio.Event().wait()

        bench.engine.during = forever
        asking = asyncio.create_task(bench.quote(CUBE, order_of()))
        await begun.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert bench.is_at_rest()

    run(test)

"""An order's plates: at most two are sliced, equal ones once, and the part's own figures stay."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import Stage, StageTimer
from pricing_fdm.slicers.engine import SliceJob
from tests.harness.shapes import binary_stl, box
from tests.quoting.bench import Bench, Run, copies, is_plate, plates_of

CUBE = binary_stl(box(20, 20, 20))
LARGE = binary_stl(box(180, 120, 5))  # one fills a plate


def test_copies_come_to_full_plates_and_a_rest_each_sliced_once(run: Run) -> None:
    """Beside the part by itself, whose figures are those on top."""

    async def test(bench: Bench) -> None:
        one = await bench.quote(CUBE, copies(1))
        quote = await bench.quote(CUBE, copies(35))
        assert plates_of(quote) == [(16, 2), (3, 1)]
        assert bench.engine.begun == 3
        assert quote.metrics == one.metrics
        each_g = float(one.metrics.filament_g)
        full_g, rest_g = (float(plate.metrics.filament_g) for plate in quote.price.plates)
        assert (full_g, rest_g) == pytest.approx((16 * each_g, 3 * each_g), rel=0.005)
        material = float(quote.price.amount("material"))
        assert material == pytest.approx((2 * full_g + rest_g) * 0.02, abs=0.01)

    run(test)


def test_the_two_plates_are_sliced_side_by_side(run: Run) -> None:
    """Within the slots; and the stages of the quote are told as those of one slice."""

    async def test(bench: Bench) -> None:
        both = asyncio.Barrier(2)

        async def meet(job: SliceJob) -> None:
            if is_plate(job):
                await both.wait()

        bench.engine.during = meet
        timer = StageTimer()
        await bench.quote(CUBE, copies(19), timer)
        assert bench.engine.most == 2
        stages = [timing.name for timing in timer.stage_timings()]
        assert stages == [*map(str, Stage), "inspect", "queue", "slice", "extract"]

    run(test)


def test_a_copy_that_is_left_over_is_the_part_by_itself(run: Run) -> None:
    """It lies in the middle of the bed, and was sliced like that."""

    async def test(bench: Bench) -> None:
        quote = await bench.quote(CUBE, copies(17))
        assert plates_of(quote) == [(16, 1), (1, 1)]
        assert quote.price.plates[1].metrics == quote.metrics
        assert bench.engine.begun == 2

    run(test)


def test_a_part_that_fills_the_bed_is_sliced_once_for_all_copies(run: Run) -> None:
    """Each plate holds one."""

    async def test(bench: Bench) -> None:
        assert plates_of(await bench.quote(LARGE, copies(5))) == [(1, 5)]
        assert bench.engine.begun == 1

    run(test)


def test_equal_plates_of_other_quantities_are_not_sliced_again(run: Run) -> None:
    """The key holds the layout."""

    async def test(bench: Bench) -> None:
        assert not (await bench.quote(CUBE, copies(16))).cached
        assert (await bench.quote(CUBE, copies(64))).cached
        assert bench.engine.begun == 2
        assert not (await bench.quote(CUBE, copies(66))).cached
        assert bench.engine.begun == 3

    run(test)


def test_quantities_side_by_side_share_their_plates(run: Run) -> None:
    """As variants of one request: the part, the full plate and one rest."""

    async def test(bench: Bench) -> None:
        options = await bench.options(CUBE, *map(copies, (1, 16, 48, 50)))
        outcomes = [option.outcome for option in options]
        assert [plates_of(each) for each in outcomes if isinstance(each, Quote)] == [
            *([(1, 1)], [(16, 1)], [(16, 3)], [(16, 3), (2, 1)])
        ]
        assert bench.engine.begun == 3

    run(test)


def test_a_shop_that_multiplies_slices_one_copy(run: Run) -> None:
    """Each on a plate of its own."""

    async def test(bench: Bench) -> None:
        bench.multiply_copies()
        assert plates_of(await bench.quote(CUBE, copies(35))) == [(1, 35)]
        assert bench.engine.begun == 1

    run(test)


def test_a_caller_who_leaves_ends_both_plates(run: Run) -> None:
    """Nothing is left: no slot, no folder, no slice."""

    async def test(bench: Bench) -> None:
        begun = asyncio.Event()

        async def hang(job: SliceJob) -> None:
            if is_plate(job) and bench.engine.begun == 3:
                begun.set()
            if is_plate(job):
                await asyncio.Event().wait()

        bench.engine.during = hang
        quote = asyncio.create_task(bench.quote(CUBE, copies(19)))
        await begun.wait()
        quote.cancel()
        with pytest.raises(asyncio.CancelledError):
            await quote

    run(test)


def test_each_plate_heats_up_once(run: Run) -> None:
    """`heat_up_minutes` of the printer is part of the machine's hours, and not of the slicer's."""

    async def test(bench: Bench) -> None:
        before = await bench.quote(CUBE, copies(35))
        bench.change_printer(heat_up_minutes=Decimal(6))
        after = await bench.quote(CUBE, copies(35))
        added = after.price.amount("machine") - before.price.amount("machine")
        assert added == 3  # three plates, a tenth of an hour each, at 10 USD
        assert after.metrics.print_time_s == before.metrics.print_time_s

    run(test)

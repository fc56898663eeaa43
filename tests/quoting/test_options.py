"""Many prices of one part cost one download, one judgement and the distinct slices.

The pipeline as the service builds it, with a puppet for a slicer. What must be counted is
counted at the pipeline's own seams: source, converter, engine.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from pricing_fdm.errors import (
    DownloadFailed,
    ModelExceedsBuildVolume,
    ModelFormat,
    PricingError,
    QueueTimeout,
    SlicerCrashed,
)
from pricing_fdm.model import (
    Download,
    Orientation,
    Unit,
)
from pricing_fdm.quoting.admission import SlotDeadline
from pricing_fdm.quoting.options import Option, quote_options
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import Stage, StageTimer
from pricing_fdm.slicers.engine import SliceJob
from tests.harness.qualities import QUALITIES
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.mesh.step.step_files import one
from tests.quoting.bench import PATIENCE_S, SLOTS, Bench, Run, order_of
from tests.slicers.profile_folder import ProfileFolder


def quote_of(option: Option) -> Quote:
    """The quote of an option that must have one."""
    assert isinstance(option.outcome, Quote), option.outcome
    return option.outcome


def names(option: Option) -> list[str]:
    """The stages that an option went through."""
    return [timing.name for timing in option.timer.stage_timings()]


@contextlib.asynccontextmanager
async def occupied(bench: Bench) -> AsyncIterator[None]:
    """Others hold all slots; they wait for them as long as it takes."""
    with contextlib.ExitStack() as stack:
        for _ in range(SLOTS):
            stack.enter_context(await bench.pipeline.admission.take_slot(SlotDeadline(PATIENCE_S)))
        yield


async def until(condition: Callable[[], object]) -> None:
    """Waits for it."""
    await asyncio.to_thread(wait_until, condition)


CUBE = binary_stl(box(20, 20, 20))


def test_one_download_one_conversion_and_each_distinct_slice_once(run: Run) -> None:
    """A STEP file shows how often the model is looked at: its conversion takes seconds."""

    async def test(bench: Bench) -> None:
        orders = [
            order_of(layer=layer, orientation=orientation, speed=speed)
            for layer in QUALITIES
            for orientation in Orientation
            for speed in (None, "rush")
        ]
        options = await bench.options(one("box", (20.0, 20.0, 10.0)), *orders)
        quotes = [quote_of(option) for option in options]
        assert [quote.order for quote in quotes] == orders
        assert {quote.part.format for quote in quotes} == {"step"}
        assert (bench.downloads, bench.converter.converted, bench.engine.begun) == (1, 1, 6)

    run(test)


def test_what_only_changes_the_price_shares_a_slice(run: Run) -> None:
    """Rush moves no toolpath, nor does the quantity in a shop that multiplies one copy."""

    async def test(bench: Bench) -> None:
        bench.multiply_copies()
        orders = [
            order_of(),
            order_of(quantity=100),
            order_of(quantity=100, speed="rush"),
            order_of(),
        ]
        one, many, rush, again = (
            quote_of(option).price.total for option in await bench.options(CUBE, *orders)
        )
        assert one == again < many < rush
        assert bench.engine.begun == 1
        counts = bench.pipeline.results.totals()
        assert {result: count for result, count in counts.items() if count} == {"miss": 1}

    run(test)


def test_materials_with_equal_presets_share_a_slice(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A name moves no toolpath. What differs in anything, such as its density, is sliced itself."""
    profiles = ProfileFolder(tmp_path / "profiles")
    pla = profiles.read("filament_pla.json")
    profiles.edit("filament_petg.json", lambda petg: petg.update(pla))
    profiles.set("filament_abs.json", **pla)
    profiles.set("filament_abs.json", filament_density=["2.48"])
    monkeypatch.setenv("ORCA_PROFILES_DIR", str(profiles.path))

    async def test(bench: Bench) -> None:
        materials = ("petg", "pla", "abs")
        options = await bench.options(CUBE, *map(order_of, materials))
        petg, pla, heavy = (quote_of(option) for option in options)
        assert bench.engine.begun == 2
        assert petg.metrics == pla.metrics
        assert petg.engine.profile_hash == pla.engine.profile_hash
        assert heavy.metrics.filament_g > pla.metrics.filament_g

    run(test)


def test_a_way_that_fails_fails_alone(run: Run) -> None:
    """A part that is too large in metres is no reason to withhold its price in millimetres."""

    async def test(bench: Bench) -> None:
        orders = [
            order_of(unit=Unit.M),
            order_of(),
            order_of(unit=Unit.M, speed="rush"),
            order_of(infill=30),
        ]
        large, good, large_again, also_good = await bench.options(CUBE, *orders)
        assert isinstance(large.outcome, ModelExceedsBuildVolume)
        assert large_again.outcome is large.outcome
        assert [timing.failed for timing in large.timer.stage_timings()][-1]
        assert quote_of(good).order == orders[1]
        assert quote_of(also_good).order == orders[3]
        assert not any(timing.failed for timing in good.timer.stage_timings())

    run(test)


def test_a_model_that_nobody_can_price_fails_each_way(run: Run) -> None:
    """And is looked at once for each unit, not for each way."""

    async def test(bench: Bench) -> None:
        orders = [order_of(), order_of(infill=30), order_of(unit=Unit.INCH)]
        options = await bench.options(b"<html></html>", *orders)
        assert {type(option.outcome) for option in options} == {ModelFormat}
        assert bench.engine.begun == 0

    run(test)


def test_a_model_that_does_not_come_fails_the_request(run: Run) -> None:
    """There is nothing to say about any way."""

    async def source(_destination: Path) -> Download:
        raise DownloadFailed("Failed to download.")

    async def test(bench: Bench) -> None:
        timer = StageTimer()
        with pytest.raises(DownloadFailed):
            await quote_options(bench.pipeline, [order_of()], source, timer)
        assert [(timing.name, timing.failed) for timing in timer.stage_timings()] == [
            ("download", True)
        ]

    run(test)


def test_siblings_take_turns_at_the_slots_and_never_time_out_for_each_other(run: Run) -> None:
    """Six slices of half a second at two slots, where nobody waits longer than 0.3 s for one."""

    async def test(bench: Bench) -> None:
        bench.engine.during = lambda _: asyncio.sleep(0.5)
        orders = [order_of(infill=infill) for infill in range(10, 70, 10)]
        options = await bench.options(CUBE, *orders)
        assert [quote_of(option).order for option in options] == orders
        assert (bench.engine.begun, bench.engine.most) == (6, SLOTS)

    run(test)


def test_others_get_their_turn_between_the_slices_of_one_request(run: Run) -> None:
    """Whoever wants 24 prices does not close the shop for everybody else."""

    async def test(bench: Bench) -> None:
        bench.engine.during = lambda _: asyncio.sleep(0.1)
        bench.admission._wait_s = PATIENCE_S  # the order of the turns is the matter here
        many = [order_of(infill=infill) for infill in range(10, 20)]
        large = asyncio.create_task(bench.options(CUBE, *many))
        await until(lambda: bench.engine.begun == SLOTS)
        (small,) = await bench.options(CUBE, order_of("tpu"))
        quote_of(small)
        assert not large.done()
        assert {type(option.outcome) for option in await large} == {Quote}
        assert bench.engine.most == SLOTS

    run(test)


def test_a_request_that_has_begun_is_served_to_its_end(run: Run) -> None:
    """Others come in between and slice for longer than a newcomer would wait."""

    async def test(bench: Bench) -> None:
        bench.engine.during = lambda _: asyncio.sleep(0.3)
        orders = [order_of(infill=infill) for infill in range(10, 70, 10)]
        asking = asyncio.create_task(bench.options(CUBE, *orders))
        await until(lambda: bench.engine.begun == SLOTS)
        async with occupied(bench):
            await asyncio.sleep(1)
        assert {type(option.outcome) for option in await asking} == {Quote}

    run(test)


def test_a_request_that_gets_no_slot_at_all_is_refused_as_a_whole(run: Run) -> None:
    """503 with a time to come back says more than a list of it."""

    async def test(bench: Bench) -> None:
        async with occupied(bench):
            with pytest.raises(QueueTimeout) as refused:
                await bench.options(CUBE, *(order_of(infill=infill) for infill in range(10, 34)))
        assert refused.value.retry_after_s >= 1
        assert bench.engine.begun == 0

    run(test)


def test_what_is_remembered_is_told_although_there_is_no_slot(run: Run) -> None:
    """Only the way that needs one is refused."""

    async def test(bench: Bench) -> None:
        await bench.options(CUBE, order_of())
        async with occupied(bench):
            known, unknown = await bench.options(CUBE, order_of(), order_of(infill=30))
        assert quote_of(known).cached
        assert isinstance(unknown.outcome, QueueTimeout)

    run(test)


def test_each_way_s_times_add_up_and_the_download_counts_once(run: Run) -> None:
    """From the start of the request until that way was done; waiting for siblings is waiting."""

    async def test(bench: Bench) -> None:
        bench.engine.during = lambda _: asyncio.sleep(0.2)
        timer = StageTimer()
        orders = [order_of(infill=infill) for infill in (10, 20, 30)] + [
            order_of(infill=10, speed="rush")
        ]
        options = await bench.options(CUBE, *orders, timer=timer)
        assert [timing.name for timing in timer.stage_timings()] == ["download"]
        assert len(timer.forks) == 3
        assert options[0].timer is options[3].timer
        for option in options:
            timing_ms = option.timer.timing_ms()
            total_ms = timing_ms.pop("total")
            assert sum(timing_ms.values()) == pytest.approx(total_ms)
            assert set(timing_ms) == set(Stage)
        last = max(options, key=lambda option: option.timer.total().end_ns)
        assert max(option.timer.timing_ms()["queue"] for option in options) >= 200
        assert last.timer.total().end_ns <= timer.total().end_ns

    run(test)


def test_what_is_remembered_is_not_looked_at_again(run: Run) -> None:
    """Of four ways two are known from before."""

    async def test(bench: Bench) -> None:
        await bench.options(CUBE, order_of(), order_of(infill=30))
        orders = [order_of(), order_of(infill=30), order_of(infill=40), order_of(infill=50)]
        options = await bench.options(CUBE, *orders)
        assert [quote_of(option).cached for option in options] == [True, True, False, False]
        assert bench.engine.begun == 4
        assert names(options[0])[-1] == "inspect"
        assert names(options[3])[-1] == "extract"

    run(test)


def test_a_crash_fails_its_own_ways_only(run: Run) -> None:
    """The others are priced, and nothing is held against them."""

    async def crash_at_30_percent(job: SliceJob) -> None:
        if job.settings.infill_percent == 30:
            raise SlicerCrashed("The slicer crashed.")

    async def test(bench: Bench) -> None:
        bench.engine.during = crash_at_30_percent
        orders = [order_of(), order_of(infill=30), order_of(infill=40)]
        first, crashed, last = await bench.options(CUBE, *orders)
        assert isinstance(crashed.outcome, SlicerCrashed)
        assert [quote_of(option).order for option in (first, last)] == [orders[0], orders[2]]

    run(test)


def test_a_fault_of_ours_stops_all_and_leaves_nothing(run: Run) -> None:
    """What nobody has foreseen is not a problem of one way: the request is answered 500."""

    async def fail(job: SliceJob) -> None:
        if job.settings.infill_percent == 20:
            raise ZeroDivisionError
        await asyncio.Event().wait()

    async def test(bench: Bench) -> None:
        bench.engine.during = fail
        with pytest.raises(ExceptionGroup) as caught:
            await bench.options(CUBE, order_of(infill=40), order_of())
        assert caught.group_contains(ZeroDivisionError)
        assert not caught.group_contains(PricingError)

    run(test)


def test_a_caller_who_leaves_stops_all_ways_and_leaves_nothing(run: Run) -> None:
    """Those that run, those that wait for a turn, and the folder they share."""

    async def forever(_job: SliceJob) -> None:
        await asyncio.Event().wait()

    async def test(bench: Bench) -> None:
        bench.engine.during = forever
        timer = StageTimer()
        orders = [order_of(infill=infill) for infill in (10, 20, 30, 40)]
        asking = asyncio.create_task(bench.options(CUBE, *orders, timer=timer))
        await until(lambda: bench.engine.begun == SLOTS)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert bench.is_at_rest()
        assert all(fork.stage_timings()[-1].failed for fork in timer.forks)
        bench.engine.during = None
        assert {type(option.outcome) for option in await bench.options(CUBE, *orders)} == {Quote}

    run(test)


def test_two_who_want_the_same_at_once_share_the_slices(run: Run) -> None:
    """And when one leaves, the other gets all of his."""

    async def test(bench: Bench) -> None:
        may_end = asyncio.Event()
        bench.engine.during = lambda _: may_end.wait()
        orders = [order_of(infill=infill) for infill in (10, 20, 30)]
        first = asyncio.create_task(bench.options(CUBE, *orders))
        await until(lambda: bench.engine.begun == SLOTS)
        second = asyncio.create_task(bench.options(CUBE, *orders))
        await until(lambda: bench.pipeline.results.totals()["shared"] == SLOTS)
        first.cancel()
        may_end.set()
        assert {type(option.outcome) for option in await second} == {Quote}
        assert bench.engine.begun == 3
        await asyncio.wait([first])

    run(test)

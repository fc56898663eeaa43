"""A plate is sliced for what it is, and its failure is the plate's alone."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from pricing_fdm.errors import (
    InternalError,
    ModelExceedsBuildVolume,
    ModelUnsliceable,
    PricingError,
    SlicerCrashed,
    SlicingTimeout,
)
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.sandbox import process_table
from pricing_fdm.slicers.engine import SliceJob
from tests.harness.puppet import install_fake_prusa
from tests.harness.shapes import binary_stl, box
from tests.quoting.bench import Bench, Run, copies, is_plate, order_of, plates_of

CUBE = binary_stl(box(20, 20, 20))
QUANTITIES = range(1, 20)


def processes() -> set[int]:
    """The children of this process."""
    return {child.pid for child in process_table.children(os.getpid())}


@pytest.mark.parametrize(
    ("failure", "seen"),
    [
        (SlicingTimeout("It took too long."), SlicingTimeout),
        (ModelUnsliceable("It takes too much memory."), ModelUnsliceable),
        (ModelExceedsBuildVolume("It does not fit."), InternalError),
        (SlicerCrashed("It crashed."), SlicerCrashed),
    ],
    ids=lambda each: each.__name__ if isinstance(each, type) else "",
)
def test_a_plate_that_fails_says_so_and_leaves_the_part_alone(
    run: Run, failure: PricingError, seen: type[PricingError]
) -> None:
    """What is too much for a slice names the shop's way out; a refused layout is our fault."""

    async def fail(job: SliceJob) -> None:
        if is_plate(job):
            raise failure

    async def test(bench: Bench) -> None:
        bench.engine.during = fail
        for _ in range(2):  # also when it is refused because it failed before
            with pytest.raises(seen) as caught:
                await bench.quote(CUBE, copies(16))
            if isinstance(failure, SlicingTimeout | ModelUnsliceable):
                assert caught.value.detail.startswith(f"A plate of 16 copies: {failure.detail}")
                assert 'quantity = "multiply"' in caught.value.detail
        assert plates_of(await bench.quote(CUBE, copies(1))) == [(1, 1)]

    run(test)


def test_a_plate_that_hangs_is_ended_and_leaves_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By the limit of every slice; the detail says whose it was, and what the shop can do."""
    monkeypatch.setenv("SLICE_TIMEOUT_SECS", "4")

    async def hang_on_plates(job: SliceJob) -> None:
        install_fake_prusa(tmp_path / "bin", hang=is_plate(job))

    async def test(bench: Bench) -> None:
        await bench.quote(CUBE, copies(1))
        before = processes()
        bench.engine.during = hang_on_plates
        with pytest.raises(SlicingTimeout) as caught:
            await bench.quote(CUBE, copies(19))
        assert caught.value.detail.startswith("A plate of ")
        assert 'quantity = "multiply"' in caught.value.detail
        assert processes() == before

    run(test)


@pytest.fixture
def real_slicer(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the puppet, whose times are its own."""
    monkeypatch.setattr("tests.quoting.conftest.install_fake_prusa", lambda _: "prusa-slicer")


@pytest.mark.slow
@pytest.mark.usefixtures("real_slicer")
@pytest.mark.parametrize(
    ("size", "most"), [((5, 5, 5), 0.8), ((12, 12, 2), 1.05)], ids=["die", "chip"]
)
def test_one_copy_more_never_costs_less(
    run: Run, size: tuple[float, float, float], most: float
) -> None:
    """A die waits for each layer to cool, alone or with others: one more adds little time.

    A plate weighs what its copies weigh, and keeps the machine for at most this share of their time
    one by one.
    """

    async def test(bench: Bench) -> None:
        orders = [order_of(quantity=quantity) for quantity in QUANTITIES]
        options = await bench.options(binary_stl(box(*size)), *orders)
        quotes = [option.outcome for option in options]
        assert all(isinstance(quote, Quote) for quote in quotes), quotes
        priced = [quote for quote in quotes if isinstance(quote, Quote)]
        totals = [quote.price.total for quote in priced]
        assert all(more >= fewer for fewer, more in itertools.pairwise(totals)), totals
        (sixteen,) = priced[15].price.plates
        one_s = float(priced[0].metrics.print_time_s)
        assert float(sixteen.metrics.print_time_s) < most * 16 * one_s
        each_g = float(priced[0].metrics.filament_g)
        for quote in priced:
            for plate in quote.price.plates:
                weight_g = float(plate.metrics.filament_g)
                assert weight_g == pytest.approx(plate.copies * each_g, rel=0.005)
        assert bench.engine.begun == 16  # the part, and plates of 2 to 16 copies

    run(test)

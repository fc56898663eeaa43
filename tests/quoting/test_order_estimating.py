"""Estimates of orders: on the plates of a real order, by its formula, and never a slice."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest

from pricing_fdm.errors import ModelFormat, ModelTooLarge, QueueFull
from pricing_fdm.model import Order, Supports
from pricing_fdm.quoting.estimate_prices import OrderFigures
from pricing_fdm.quoting.estimating import Estimate
from pricing_fdm.quoting.order_estimating import OrderEstimate, estimate_order
from pricing_fdm.quoting.ordering import quote_order
from pricing_fdm.quoting.timing import StageTimer
from tests.harness.qualities import QUALITIES
from tests.harness.shapes import binary_stl, box
from tests.quoting.bench import Bench, Run, copies, order_of, source_of
from tests.quoting.fitted import fitted_model
from tests.quoting.test_estimating import Estimates

CUBE, SLAB = binary_stl(box(20, 20, 20)), binary_stl(box(40, 20, 4))
ROOMY = 10**6


async def estimated(
    estimates: Estimates, *parts: tuple[bytes, Order], max_bytes: int = ROOMY
) -> OrderEstimate:
    """The estimate of parts together."""
    bench = estimates.bench
    wanted = [(order, source_of(bench, content)) for content, order in parts]
    return await estimate_order(
        estimates.estimator, bench.pipeline, wanted, None, StageTimer(), max_bytes=max_bytes
    )


async def figures(estimates: Estimates, *parts: tuple[bytes, Order]) -> OrderFigures:
    """Of an order that can be told."""
    found = await estimated(estimates, *parts)
    assert found.figures is not None
    return found.figures


@pytest.mark.parametrize("order", [order_of(), copies(7)], ids=["one copy", "seven"])
def test_the_order_of_one_part_is_its_estimate(run: Run, order: Order) -> None:
    """To the cent, at both ends."""

    async def test(bench: Bench) -> None:
        estimates = Estimates.of(bench)
        alone = await estimates.one(order)
        found = await estimated(estimates, (CUBE, order))
        assert found.figures is not None
        assert found.figures.price == alone.price
        assert found.figures.shares == (alone.price,)
        (part,) = found.parts
        assert isinstance(part, Estimate)
        assert (part.price, part.warnings) == (alone.price, alone.warnings)

    run(test)


def test_it_is_packed_and_charged_as_the_order_is_and_slices_nothing(run: Run) -> None:
    """Parts share plates, and the base fee is there once; the total is no less than any part."""

    async def test(bench: Bench) -> None:
        estimates = Estimates.of(bench)
        never = order_of(supports=Supports.NEVER)
        parts = [(CUBE, copies(18)), (SLAB, never), (SLAB, order_of("petg")), (CUBE, order_of())]
        found = await figures(estimates, *parts)
        assert (bench.engine.begun, bench.downloads) == (0, 4)
        singles = [await figures(estimates, part) for part in parts]
        assert found.price.low < found.price.likely < found.price.high
        assert sum(each.likely for each in found.shares) == found.price.likely
        for end in ("low", "likely", "high"):
            each = [getattr(single.price, end) for single in singles]
            assert max(each) < getattr(found.price, end) < sum(each)
        wanted = [(order, source_of(bench, content)) for content, order in parts]
        real = await quote_order(bench.pipeline, wanted, None, StageTimer(), max_bytes=ROOMY)
        assert [(each.printer, dict(each.copies), each.times) for each in found.plates] == [
            (each.printer, dict(each.copies), each.plate.times) for each in real.plates
        ]

    run(test)


def test_a_shared_plate_is_heated_once(run: Run) -> None:
    """By the same rule as in earnest; parts apart are charged with it each."""

    async def test(bench: Bench) -> None:
        bench.change_printer(heat_up_minutes=Decimal(30))
        estimates = Estimates.of(bench)
        together = await figures(estimates, (CUBE, order_of()), (SLAB, order_of()))
        bench.multiply_copies()
        apart = await figures(estimates, (CUBE, order_of()), (SLAB, order_of()))
        assert [len(each.plates) for each in (together, apart)] == [1, 2]
        half_an_hour = Decimal("0.5") * 10 * Decimal("1.3")
        assert apart.price.likely - together.price.likely == half_an_hour

    run(test)


def test_where_a_part_cannot_be_told_the_order_has_no_price(run: Run) -> None:
    """That of the others might be taken for the whole; what is known of each is said."""

    async def test(bench: Bench) -> None:
        (printer,) = bench.pipeline.workshop.loaded.printers
        known = fitted_model([printer.chosen("standard", "pla").hash])
        estimates = Estimates.of(bench, known)
        fine = order_of(layer=QUALITIES[0])
        found = await estimated(
            estimates, (CUBE, order_of()), (b"<html></html>", order_of()), (CUBE, fine)
        )
        good, page, unfitted = found.parts
        assert found.figures is None
        assert isinstance(good, Estimate)
        assert (good.needs_slice, good.price) == (False, None)
        assert isinstance(page, ModelFormat)
        assert isinstance(unfitted, Estimate)
        assert unfitted.needs_slice
        large = await estimated(estimates, *[(CUBE, order_of())] * 3, max_bytes=2 * len(CUBE))
        assert isinstance(large.parts[2], ModelTooLarge)

    run(test)


def test_an_order_without_a_place_is_refused_as_a_whole(run: Run) -> None:
    """As any request."""

    async def test(bench: Bench) -> None:
        with contextlib.ExitStack() as places:
            with contextlib.suppress(QueueFull):
                while True:
                    places.enter_context(bench.admission.place())
            with pytest.raises(QueueFull):
                await estimated(Estimates.of(bench), (CUBE, order_of()))

    run(test)

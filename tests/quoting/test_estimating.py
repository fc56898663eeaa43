"""Estimates over the pipeline as the service builds it: never a slice."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pricing_fdm.errors import ModelExceedsBuildVolume, ModelFormat, PricingError, QueueFull
from pricing_fdm.estimate.model_file import EstimateModel
from pricing_fdm.estimate.predict import NeedsSlice
from pricing_fdm.model import Metrics, Order, Unit
from pricing_fdm.quoting.estimate_prices import Ends, OrderFigures
from pricing_fdm.quoting.estimate_record import EstimateRecord
from pricing_fdm.quoting.estimating import Estimate, Estimator
from pricing_fdm.quoting.timing import StageTimer
from tests.harness.qualities import QUALITIES
from tests.harness.shapes import binary_stl, box
from tests.quoting.bench import Bench, Run, order_of
from tests.quoting.fitted import fitted_model

CUBE = binary_stl(box(20, 20, 20))


@dataclass
class Estimates:
    """An estimator for a bench, which hears of its slices."""

    bench: Bench
    estimator: Estimator

    @classmethod
    def of(cls, bench: Bench, model: EstimateModel | NeedsSlice | None = None) -> Estimates:
        """With a model for the bench's presets, or this one."""
        record = EstimateRecord()
        bench.pipeline = replace(bench.pipeline, on_slice=record.sliced)
        (printer,) = bench.pipeline.workshop.loaded.printers
        hashes = [
            printer.chosen(quality, material).hash
            for quality in printer.processes
            for material in printer.filaments
        ]
        fitted = model or fitted_model(hashes)
        return cls(bench, Estimator(record, lambda _folder, _engine: fitted))

    async def all(self, *orders: Order, content: bytes = CUBE) -> list[Estimate | PricingError]:
        """Of one model."""
        source = functools.partial(self.bench.fetch, content)
        return await self.estimator.estimate_all(self.bench.pipeline, orders, source, StageTimer())

    async def one(self, order: Order, content: bytes = CUBE) -> Estimate:
        """Of one order."""
        source = functools.partial(self.bench.fetch, content)
        return await self.estimator.estimate(self.bench.pipeline, order, source, StageTimer())

    async def copy(self, order: Order, content: bytes = CUBE) -> Ends[Metrics]:
        """The figures of one copy, which can be told."""
        estimate = await self.one(order, content)
        assert estimate.predicted is not None, estimate.reason
        return estimate.predicted.copy

    async def priced(self, order: Order, content: bytes = CUBE) -> OrderFigures:
        """Of an order that can be priced."""
        estimate = await self.one(order, content)
        assert estimate.predicted is not None, estimate.reason
        return await self.estimator.priced(self.bench.pipeline, (estimate.predicted,), None)


def width(copy: Ends[Metrics]) -> float:
    """The upper end of the print time over the lower one."""
    return float(copy.high.print_time_s / copy.low.print_time_s)


def test_an_estimate_slices_nothing_and_rises_from_end_to_end(run: Run) -> None:
    """A range of each figure and of the price, from the same rules as a quote's."""

    async def test(bench: Bench) -> None:
        estimates = Estimates.of(bench)
        estimate = await estimates.one(order_of(quantity=3))
        price, predicted = estimate.price, estimate.predicted
        assert price is not None
        assert predicted is not None
        ends = (predicted.copy.low, predicted.copy.likely, predicted.copy.high)
        for each in (
            [price.low, price.likely, price.high],
            [end.print_time_s for end in ends],
            [end.filament_g for end in ends],
        ):
            assert each == sorted(set(each))
        alone = await estimates.one(order_of())
        assert alone.predicted is not None
        assert predicted.copy == alone.predicted.copy
        assert alone.price is not None
        assert price.likely > alone.price.likely
        assert estimate.part.dimensions_mm == pytest.approx((20, 20, 20))
        assert estimate.basis.model == "prusa 2026-11-30"
        assert (bench.engine.begun, bench.downloads) == (0, 2)

    run(test)


def test_more_infill_never_costs_less_and_equal_ways_are_read_once(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each layer height has sections of its own; infill has not, also in a later request."""

    async def test(bench: Bench) -> None:
        estimates = Estimates.of(bench)
        read: list[object] = []
        reader = bench.pipeline.inspector.reader
        inspect = reader.inspect

        async def counted(model: Path, clean: Path, task: object, told: object) -> object:
            read.append(task)
            return await inspect(model, clean, task, told)  # type: ignore[arg-type]

        monkeypatch.setattr(reader, "inspect", counted)
        orders = [order_of(infill=i, layer=layer) for layer in QUALITIES[:2] for i in (10, 40, 90)]
        found = [each for each in await estimates.all(*orders) if isinstance(each, Estimate)]
        totals = [each.price.likely for each in found if each.price]
        assert len(totals) == 6
        for same_layer in (totals[:3], totals[3:]):
            assert same_layer == sorted(set(same_layer))
        assert len(read) == 2
        later = await estimates.one(order_of(infill=40, quantity=3))
        assert later.part == found[1].part
        assert len(read) == 2
        await estimates.one(order_of(), content=binary_stl(box(20, 20, 21)))
        assert len(read) == 3

    run(test)


def test_a_slice_of_another_variant_anchors_the_estimate(run: Run) -> None:
    """The part's own residual says more than any model; the interval narrows."""

    async def test(bench: Bench) -> None:
        estimates = Estimates.of(bench)
        before = await estimates.copy(order_of(infill=40))
        quote = await bench.quote(CUBE, order_of())
        same = await estimates.copy(order_of())
        assert float(same.likely.print_time_s) == pytest.approx(
            float(quote.metrics.print_time_s), abs=0.001
        )
        after = await estimates.copy(order_of(infill=40))
        assert width(after) < width(before)
        moved = after.likely.print_time_s / before.likely.print_time_s
        same_before = await Estimates.of(bench).copy(order_of())
        assert float(moved) == pytest.approx(
            float(quote.metrics.print_time_s / same_before.likely.print_time_s), rel=1e-4
        )
        other = await estimates.copy(order_of(), content=binary_stl(box(20, 20, 21)))
        assert width(other) == pytest.approx(width(before))

    run(test)


def test_a_slice_is_compared_with_the_estimate_before_it(run: Run) -> None:
    """What the metric tells operators."""

    async def test(bench: Bench) -> None:
        estimates = Estimates.of(bench)
        ratios: dict[str, float] = {}
        estimates.estimator.record.on_ratio = ratios.__setitem__
        likely = (await estimates.copy(order_of(quantity=7))).likely
        quote = await bench.quote(CUBE, order_of())
        assert ratios == {
            "print_time_hours": pytest.approx(
                float(quote.metrics.print_time_s / likely.print_time_s)
            ),
            "filament_weight_g": pytest.approx(float(quote.metrics.filament_g / likely.filament_g)),
        }

    run(test)


def test_copies_are_packed_on_the_plates_of_a_quote(run: Run) -> None:
    """After a slice the estimate knows what a plate takes besides, too."""

    async def test(bench: Bench) -> None:
        estimates = Estimates.of(bench)
        order = order_of(quantity=20)
        before = await estimates.priced(order)
        quote = await bench.quote(CUBE, order)
        plates = [({0: plate.copies}, plate.times) for plate in quote.price.plates]
        assert [(plate.copies, plate.times) for plate in before.plates] == plates
        assert plates[0][0][0] > 1
        totals = [
            (await estimates.priced(order_of(quantity=quantity))).price.likely
            for quantity in (1, 2, 19, 20, 21, 60)
        ]
        assert totals == sorted(totals)

    run(test)


def test_where_the_model_cannot_tell_it_says_so_and_no_figure(run: Run) -> None:
    """Another printer, no model at all."""

    async def test(bench: Bench) -> None:
        unknown = await Estimates.of(bench, fitted_model(["another"])).one(order_of())
        assert unknown.needs_slice
        assert "not fitted for this printer" in unknown.reason
        none = await Estimates.of(bench, NeedsSlice("None was fitted.")).one(order_of())
        assert (none.price, none.basis.model, none.reason) == (None, None, "None was fitted.")
        assert none.basis.profile_hash

    run(test)


def test_a_setting_that_no_estimate_looks_at_needs_a_slice(run: Run) -> None:
    """A brim takes plastic and time; the figures of a print without one are not its own."""

    async def test(bench: Bench) -> None:
        estimates = Estimates.of(bench)
        settings = order_of().print_settings
        for change, known in (
            (("brim_type", "outer_only"), False),
            (("sparse_infill_pattern", "gyroid"), False),
            (("wall_loops", "4"), True),
        ):
            order = Order(replace(settings, overrides=(change,)))
            estimate = await estimates.one(order)
            assert estimate.needs_slice is not known
            assert (change[0] in estimate.reason) is not known

    run(test)


def test_it_fails_as_a_quote_does(run: Run) -> None:
    """The same errors from the same steps, of each variant for itself, and the same places."""

    async def test(bench: Bench) -> None:
        estimates = Estimates.of(bench)
        good, bad = await estimates.all(order_of(), order_of(unit=Unit.M))
        assert isinstance(good, Estimate)
        assert isinstance(bad, ModelExceedsBuildVolume)
        with pytest.raises(ModelFormat):
            await estimates.one(order_of(), content=b"no model")
        with contextlib.ExitStack() as places:
            with contextlib.suppress(QueueFull):
                while True:
                    places.enter_context(bench.admission.place())
            with pytest.raises(QueueFull):
                await estimates.one(order_of())

    run(test)

"""The way of an estimate: a place, a file, sections of the part, a prediction, three prices.

A flow of its own, beside that of a quote: it takes no slot, slices nothing, and no quote is ever
made of what it finds. `Pipeline` imports nothing of this. An estimate of one part is that of an
order of one (`order_estimating` has those of several).
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from pricing_fdm.errors import ModelExceedsBuildVolume, PricingError
from pricing_fdm.estimate.model_file import EstimateModel, Trained
from pricing_fdm.estimate.predict import Anchor, NeedsSlice, Prediction, anchor_of, predict
from pricing_fdm.estimate.preset_figures import is_read
from pricing_fdm.model import Download, Order, Part, QuoteWarning, SliceResult
from pricing_fdm.quoting.estimate_figures import figures_of
from pricing_fdm.quoting.estimate_models import estimate_model
from pricing_fdm.quoting.estimate_notes import Variant, stance_of
from pricing_fdm.quoting.estimate_prices import (
    Ends,
    Measured,
    OrderFigures,
    OrderPricing,
    PackedBatch,
    PackedPlate,
    PredictedPart,
    copy_of,
)
from pricing_fdm.quoting.estimate_record import EstimateRecord
from pricing_fdm.quoting.pipeline import Pipeline, Source
from pricing_fdm.quoting.plate_work import Copies
from pricing_fdm.quoting.readings import ReadingCache, Readings, reading_cache
from pricing_fdm.quoting.shared_plates import printed_together
from pricing_fdm.quoting.slicing import FetchedModel
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.quoting.workshop import Plan, PrinterChoice
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.offer import require_size
from pricing_fdm.shop.tariff import Speed

_MOST_PRINTERS = 8
_UNREAD = "Ask for this printer by its id to have it estimated."


@dataclass(frozen=True, slots=True)
class Basis:
    """What an estimate rests on.

    Attributes:
        model: Name of the fitted model; None where there is none for the slicer.
        trained_on: What it was fitted to.
    """

    model: str | None
    trained_on: Trained | None
    profile_hash: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a part of an order would come to, and everything it was worked out from.

    Attributes:
        predicted: None where it cannot be told without a slice.
        reason: Why it cannot, in a sentence.
        price: Of the order, if it is the only part; else its share of that. None where the order
            has no price.
        printers: What it would come to on each printer that could print it, this one among them,
            in the shop's order; none where there is no choice.
    """

    order: Order
    shop: Shop
    download: Download
    part: Part
    printer: PrinterChoice
    basis: Basis
    predicted: PredictedPart | None
    reason: str
    warnings: tuple[QuoteWarning, ...]
    price: Ends[Decimal] | None = None
    printers: tuple[Estimate, ...] = ()

    @property
    def needs_slice(self) -> bool:
        """Whether it cannot be told without a slice."""
        return self.predicted is None


@dataclass(frozen=True, slots=True)
class Estimator:
    """Estimates orders over the models and shops of a pipeline.

    Attributes:
        record: What was estimated and sliced before.
        model_of: The fitted model for a slicer, by the shop's folder and the slicer's name; or why
            there is none.
        readings: What was read of the last files.
    """

    record: EstimateRecord
    model_of: Callable[[Path, str], EstimateModel | NeedsSlice] = estimate_model
    readings: ReadingCache = field(default_factory=reading_cache)

    async def estimate(
        self, pipeline: Pipeline, order: Order, source: Source, timer: StageTimer
    ) -> Estimate:
        """Estimates the model that `source` fetches, and what other printers would charge.

        Raises:
            PricingError: As a quote would, from the steps before the slice.
        """
        async with pipeline.fetched(source, timer) as model:
            readings = Readings(order, model, pipeline.inspector, self.readings)
            chosen = await self._estimated(pipeline, order, model, readings)
            return replace(chosen, printers=await self._compared(pipeline, chosen, model, readings))

    async def estimate_all(
        self, pipeline: Pipeline, orders: Sequence[Order], source: Source, timer: StageTimer
    ) -> list[Estimate | PricingError]:
        """Estimates one model in several ways; fetched once, and read once for each way to print.

        Raises:
            PricingError: Nothing can be estimated: there is no place, or no model.
        """
        outcomes: list[Estimate | PricingError] = []
        async with pipeline.fetched(source, timer) as model:
            for order in orders:
                try:
                    outcomes.append(await self._estimated(pipeline, order, model))
                except PricingError as error:
                    outcomes.append(error)
        return outcomes

    async def _estimated(
        self,
        pipeline: Pipeline,
        order: Order,
        model: FetchedModel,
        readings: Readings | None = None,
    ) -> Estimate:
        return await self._with_price(pipeline, await self.part(pipeline, order, model, readings))

    async def _compared(
        self, pipeline: Pipeline, chosen: Estimate, model: FetchedModel, readings: Readings
    ) -> tuple[Estimate, ...]:
        """The printers that could print an order, each with its own figures."""
        order, too_small = chosen.order, {each.id for each in chosen.printer.passed_over}
        found: list[Estimate] = []
        for plan in pipeline.workshop.plans(order):
            printer = PrinterChoice(plan.printer.id, plan.printer.name)
            if printer.id in too_small:
                continue
            if printer.id == chosen.printer.id:
                found.append(chosen)
            elif len(found) >= _MOST_PRINTERS or not readings.takes(plan):
                unread = replace(chosen, printer=printer, predicted=None, price=None)
                found.append(replace(unread, reason=_UNREAD))
            else:
                with contextlib.suppress(ModelExceedsBuildVolume):
                    measured = await readings.of(plan)
                    other = await self._part(pipeline, order, model, measured, printer)
                    found.append(await self._with_price(pipeline, other))
        return tuple(found) if len(found) > 1 else ()

    async def _with_price(self, pipeline: Pipeline, estimate: Estimate) -> Estimate:
        if estimate.predicted is None:
            return estimate
        speed = pipeline.shop.tariff.speed(estimate.order.speed)
        figures = await self.priced(pipeline, (estimate.predicted,), speed)
        return replace(estimate, price=figures.price, warnings=estimate.warnings + figures.warnings)

    async def part(
        self,
        pipeline: Pipeline,
        order: Order,
        model: FetchedModel,
        readings: Readings | None = None,
    ) -> Estimate:
        """A part without its price, on the first printer that it fits, as a quote would be.

        Raises:
            ModelExceedsBuildVolume: It fits none.
            PricingError: As a quote would, from the steps before the slice.
        """
        readings = readings or Readings(order, model, pipeline.inspector, self.readings)
        _, printer, measured = await pipeline.workshop.first_fit(order, readings.of)
        require_size(order.finishes, measured.part.dimensions_mm, pipeline.shop)
        return await self._part(pipeline, order, model, measured, printer)

    async def _part(
        self,
        pipeline: Pipeline,
        order: Order,
        model: FetchedModel,
        measured: Measured,
        printer: PrinterChoice,
    ) -> Estimate:
        """The prediction, which the slice of the part will be compared with."""
        plan, sha256 = measured.plan, model.download.sha256
        fitted = self.model_of(pipeline.shop.folder, plan.engine.name)
        key, stance = pipeline.slicing.part_key(plan, order, sha256), stance_of(plan, order)
        variants = await self.record.variants(sha256)
        alike = [each for each in variants if each.stance == stance]
        variant = min(alike, key=lambda each: each.key != key, default=None)
        found = _unread(plan, order) or _predicted(measured, fitted, variant, key)
        predicted, likely = None, {}
        if isinstance(found, Prediction):
            copy = copy_of(measured, found)
            single = SliceResult(measured.part, plan.engine.info(plan.presets), copy.likely)
            predicted = PredictedPart(Copies(plan, order, model, single), copy)
            if variant is None or variant.key != key:  # else it would always seem right
                likely = figures_of(copy.likely)
        await self.record.estimated(key, likely, measured)
        return Estimate(
            order=order,
            shop=pipeline.shop,
            download=model.download,
            part=measured.part,
            printer=printer,
            basis=_basis(fitted, plan),
            predicted=predicted,
            reason=found.reason if isinstance(found, NeedsSlice) else "",
            warnings=measured.part.warnings,
        )

    async def priced(
        self, pipeline: Pipeline, parts: Sequence[PredictedPart], speed: Speed | None
    ) -> OrderFigures:
        """The prices of an order, on the plates of a real one."""
        batches = [
            await self._batch(pipeline, numbers, [parts[number].copies for number in numbers])
            for numbers in printed_together(pipeline, [part.copies for part in parts])
        ]
        return OrderPricing(pipeline.shop, speed, tuple(parts), tuple(batches)).figures()

    async def _batch(
        self, pipeline: Pipeline, numbers: tuple[int, ...], parts: Sequence[Copies]
    ) -> PackedBatch:
        """Parts that are printed together, by their numbers."""
        plan = parts[0].plan
        return PackedBatch(
            numbers,
            await _plates(pipeline, numbers, parts),
            await self.record.overhead(plan.presets.hash),
            await pipeline.waiting_hours(plan.printer.id),
        )


def _unread(plan: Plan, order: Order) -> NeedsSlice | None:
    """What a request changes and no estimate looks at is not passed over in silence."""
    process = plan.presets.process
    changed = [
        key
        for key, value in order.print_settings.overrides
        if not is_read(key) and value != process.text(key, "")
    ]
    if not changed:
        return None
    return NeedsSlice(f"No estimate can tell what a change of {', '.join(changed)} comes to.")


def _predicted(
    measured: Measured, fitted: EstimateModel | NeedsSlice, variant: Variant | None, key: str
) -> Prediction | NeedsSlice:
    """Starts from a variant that was sliced, where there is one."""
    if isinstance(fitted, NeedsSlice):
        return fitted
    return predict(
        measured.sections,
        measured.figures,
        fitted,
        profile_hash=measured.plan.presets.hash,
        anchor=None if variant is None else _anchor(variant, measured, fitted, key),
    )


def _basis(fitted: EstimateModel | NeedsSlice, plan: Plan) -> Basis:
    if isinstance(fitted, NeedsSlice):
        return Basis(None, None, plan.presets.hash)
    name = f"{fitted.engine} {fitted.trained_on.date}"
    return Basis(name, fitted.trained_on, plan.presets.hash)


def _anchor(variant: Variant, measured: Measured, fitted: EstimateModel, key: str) -> Anchor | None:
    """How far the prediction is off at a variant that was sliced."""
    predicted = predict(
        measured.sections, variant.figures, fitted, profile_hash=variant.profile_hash
    )
    if isinstance(predicted, NeedsSlice):
        return None
    anchor = anchor_of(predicted, variant.print_time_s, variant.filament_g)
    return replace(anchor, same_print=variant.key == key)


async def _plates(
    pipeline: Pipeline, numbers: tuple[int, ...], parts: Sequence[Copies]
) -> tuple[PackedPlate, ...]:
    """The plates, packed as for a quote. Apart they would cost no less, by these figures."""
    printer, order = parts[0].plan.printer.id, parts[0].order
    if len(parts) == 1 and not pipeline.has_plates(order):
        return (PackedPlate(printer, {numbers[0]: 1}, order.quantity),)
    layouts = await pipeline.plates(*(each.as_printed() for each in parts)).layouts()
    return tuple(
        PackedPlate(printer, Counter(numbers[copy.part] for copy in layout), times)
        for layout, times in layouts
    )

"""The way of an estimate: a place, a file, sections of the part, a prediction, three prices.

A flow of its own, beside that of a quote: it takes no slot, slices nothing, and no quote is ever
made of what it finds. `Pipeline` imports nothing of this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pricing_fdm.errors import PricingError
from pricing_fdm.estimate.model_file import EstimateModel, Trained
from pricing_fdm.estimate.predict import Anchor, NeedsSlice, Prediction, anchor_of, predict
from pricing_fdm.estimate.preset_figures import section_plan
from pricing_fdm.model import Download, Metrics, Order, Part, QuoteWarning, SliceResult
from pricing_fdm.quoting.estimate_figures import figures_of
from pricing_fdm.quoting.estimate_models import estimate_model
from pricing_fdm.quoting.estimate_notes import Variant, figures_for, stance_of
from pricing_fdm.quoting.estimate_prices import (
    Figures,
    Measured,
    Pricing,
    likely_metrics,
    priced_figures,
)
from pricing_fdm.quoting.estimate_record import EstimateRecord
from pricing_fdm.quoting.pipeline import Pipeline, Source
from pricing_fdm.quoting.plate_work import Copies
from pricing_fdm.quoting.slicing import FetchedModel
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.quoting.workshop import Plan, PrinterChoice
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.offer import require_size


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
    """What an order would come to, and everything it was worked out from.

    Attributes:
        figures: None where it cannot be told without a slice.
        reason: Why it cannot, in a sentence.
    """

    order: Order
    shop: Shop
    download: Download
    part: Part
    printer: PrinterChoice
    basis: Basis
    figures: Figures | None
    reason: str
    warnings: tuple[QuoteWarning, ...]


@dataclass(frozen=True, slots=True)
class Estimator:
    """Estimates orders over the models and shops of a pipeline.

    Attributes:
        record: What was estimated and sliced before.
        model_of: The fitted model for a slicer, by the shop's folder and the slicer's name; or why
            there is none.
    """

    record: EstimateRecord
    model_of: Callable[[Path, str], EstimateModel | NeedsSlice] = estimate_model

    async def estimate(
        self, pipeline: Pipeline, order: Order, source: Source, timer: StageTimer
    ) -> Estimate:
        """Estimates the model that `source` fetches.

        Raises:
            PricingError: As a quote would, from the steps before the slice.
        """
        async with pipeline.fetched(source, timer) as model:
            return await self._estimated(pipeline, order, model)

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

    async def _estimated(self, pipeline: Pipeline, order: Order, model: FetchedModel) -> Estimate:
        """On the first printer that the part fits, as a quote would be."""
        _, printer, measured = await pipeline.workshop.first_fit(
            order, lambda plan: _measured(plan, order, model)
        )
        require_size(order.finishes, measured.part.dimensions_mm, pipeline.shop)
        return await self._priced(pipeline, order, model, measured, printer)

    async def _priced(
        self,
        pipeline: Pipeline,
        order: Order,
        model: FetchedModel,
        measured: Measured,
        printer: PrinterChoice,
    ) -> Estimate:
        """The prices at both ends of the prediction, and in between."""
        plan, sha256 = measured.plan, model.download.sha256
        fitted = self.model_of(pipeline.shop.folder, plan.engine.name)
        key, stance = pipeline.slicing.part_key(plan, order, sha256), stance_of(plan, order)
        variants = await self.record.variants(sha256)
        variant = next((each for each in variants if each.stance == stance), None)
        predicted = _predicted(measured, fitted, variant)
        figures, likely = None, {}
        if isinstance(predicted, Prediction):
            figures = priced_figures(
                measured,
                predicted,
                await self._pricing(pipeline, order, model, measured, predicted),
            )
            if variant is None or variant.key != key:  # else it would always seem right
                likely = figures_of(figures.likely.metrics)
        await self.record.estimated(key, likely, measured)
        return Estimate(
            order=order,
            shop=pipeline.shop,
            download=model.download,
            part=measured.part,
            printer=printer,
            basis=_basis(fitted, plan),
            figures=figures,
            reason=predicted.reason if isinstance(predicted, NeedsSlice) else "",
            warnings=measured.part.warnings,
        )

    async def _pricing(
        self,
        pipeline: Pipeline,
        order: Order,
        model: FetchedModel,
        measured: Measured,
        predicted: Prediction,
    ) -> Pricing:
        copy = likely_metrics(measured, predicted)
        return Pricing(
            order,
            pipeline.shop,
            await pipeline.waiting_hours(measured.plan.printer.id),
            await _plates(pipeline, order, model, measured, copy),
            await self.record.overhead(measured.plan.presets.hash),
        )


def _predicted(
    measured: Measured, fitted: EstimateModel | NeedsSlice, variant: Variant | None
) -> Prediction | NeedsSlice:
    """Starts from a variant that was sliced, where there is one."""
    if isinstance(fitted, NeedsSlice):
        return fitted
    return predict(
        measured.sections,
        measured.figures,
        fitted,
        profile_hash=measured.plan.presets.hash,
        anchor=None if variant is None else _anchor(variant, measured, fitted),
    )


def _basis(fitted: EstimateModel | NeedsSlice, plan: Plan) -> Basis:
    if isinstance(fitted, NeedsSlice):
        return Basis(None, None, plan.presets.hash)
    name = f"{fitted.engine} {fitted.trained_on.date}"
    return Basis(name, fitted.trained_on, plan.presets.hash)


async def _measured(plan: Plan, order: Order, model: FetchedModel) -> Measured:
    figures = figures_for(plan, order)
    sections = section_plan(figures, order.print_settings.supports)
    async with model.inspection.inspected(replace(plan.setup, sections=sections)) as inspected:
        return Measured(plan, await inspected.part(), await inspected.sections(), figures)


def _anchor(variant: Variant, measured: Measured, fitted: EstimateModel) -> Anchor | None:
    """How far the prediction is off at a variant that was sliced."""
    predicted = predict(
        measured.sections, variant.figures, fitted, profile_hash=variant.profile_hash
    )
    if isinstance(predicted, NeedsSlice):
        return None
    return anchor_of(predicted, variant.print_time_s, variant.filament_g)


async def _plates(
    pipeline: Pipeline, order: Order, model: FetchedModel, measured: Measured, copy: Metrics
) -> tuple[tuple[int, int], ...]:
    """Packed as they are for a quote."""
    if not pipeline.has_plates(order):
        return ((1, order.quantity),)
    plan = measured.plan
    single = SliceResult(measured.part, plan.engine.info(plan.presets), copy)
    layouts = await pipeline.plates(Copies(plan, order, model, single)).layouts()
    return tuple((len(layout), times) for layout, times in layouts)

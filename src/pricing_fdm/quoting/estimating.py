"""The way of an estimate: a place, a file, sections of the part, a prediction, three prices.

A flow of its own, beside that of a quote: it takes no slot, slices nothing, and no quote is ever
made of what it finds. `Pipeline` imports nothing of this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pricing_fdm.errors import PricingError
from pricing_fdm.estimate.labels import Label
from pricing_fdm.estimate.model_file import EstimateModel, Trained
from pricing_fdm.estimate.predict import Anchor, NeedsSlice, Prediction, anchor_of, predict
from pricing_fdm.estimate.preset_figures import PresetFigures, preset_figures, section_plan
from pricing_fdm.model import Download, Metrics, Order, Part, QuoteWarning, SliceResult
from pricing_fdm.quoting.estimate_models import estimate_model
from pricing_fdm.quoting.estimate_prices import (
    Figures,
    Measured,
    Pricing,
    likely_metrics,
    priced_figures,
)
from pricing_fdm.quoting.estimate_record import EstimateRecord, figures_of
from pricing_fdm.quoting.pipeline import Pipeline, Source
from pricing_fdm.quoting.plate_work import Copies
from pricing_fdm.quoting.slice_labels import label_of
from pricing_fdm.quoting.slicing import FetchedModel, Sliced
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
        on_label: Keeps labels for the next training; None: nobody does.
        model_of: The fitted model for a slicer, by the shop's folder and the slicer's name; or why
            there is none.
    """

    record: EstimateRecord
    model_of: Callable[[Path, str], EstimateModel | NeedsSlice] = estimate_model
    on_label: Callable[[Label], None] | None = None

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
        predicted = self._predicted(measured, order, fitted, sha256)
        figures, key = None, pipeline.slicing.part_key(plan, order, sha256)
        self._await_label(key, measured)
        if isinstance(predicted, Prediction):
            figures = priced_figures(
                measured,
                predicted,
                await self._pricing(pipeline, order, model, measured, predicted),
            )
            likely = figures_of(figures.likely.metrics)
            self.record.estimated(key, likely)
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
            self.record.overhead(measured.plan.presets.hash),
        )

    def _await_label(self, key: str, measured: Measured) -> None:
        """The slice of what was measured, if it comes, is a label."""
        on_label = self.on_label
        if on_label is not None:
            self.record.await_slice(
                key,
                lambda sliced: on_label(label_of(sliced, measured.sections, measured.figures)),
            )

    def _predicted(
        self,
        measured: Measured,
        order: Order,
        fitted: EstimateModel | NeedsSlice,
        sha256: str,
    ) -> Prediction | NeedsSlice:
        if isinstance(fitted, NeedsSlice):
            return fitted
        presets = measured.plan.presets
        for sliced in self.record.variants(sha256):
            if _is_alike(sliced, measured.plan, order):
                anchor = _anchor(sliced, measured, fitted)
                break
        else:
            anchor = None
        return predict(
            measured.sections, measured.figures, fitted, profile_hash=presets.hash, anchor=anchor
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


def figures_for(plan: Plan, order: Order) -> PresetFigures:
    """Of the presets, with what the order changes under the files' own keys."""
    machine, process, filament = plan.presets.all
    settings = order.print_settings
    changed = {process.own_key(key): value for key, value in settings.overrides}
    values = {**machine.values, **filament.values, **process.values, **changed}
    return preset_figures(values, replace(settings, overrides=()))


def _is_alike(sliced: Sliced, plan: Plan, order: Order) -> bool:
    """Whether another variant stands in the same pose, with support where this one has some."""
    setup = replace(sliced.plan.setup, layer_height_mm=plan.setup.layer_height_mm)
    supports = sliced.order.print_settings.supports
    return (
        sliced.plan.engine.identity == plan.engine.identity
        and setup == plan.setup
        and supports is order.print_settings.supports
    )


def _anchor(sliced: Sliced, measured: Measured, fitted: EstimateModel) -> Anchor | None:
    """How far the prediction is off at a variant that was sliced."""
    figures = figures_for(sliced.plan, sliced.order)
    profile_hash = sliced.plan.presets.hash
    predicted = predict(measured.sections, figures, fitted, profile_hash=profile_hash)
    if isinstance(predicted, NeedsSlice):
        return None
    metrics = sliced.result.metrics
    return anchor_of(predicted, float(metrics.print_time_s), float(metrics.filament_g))


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

"""The way of a quote: a place, a file, a slice result, a price.

This module holds the order of the steps and nothing else: no business rule, no I/O of its own.
`Pipeline.quote` prices one order. Several prices of one part are the same steps over one fetched
model; see `options`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from pricing_fdm.concurrency.completion import complete_in_thread
from pricing_fdm.errors import ModelExceedsBuildVolume
from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.model import (
    Complexity,
    Download,
    EngineInfo,
    Metrics,
    Order,
    Part,
    QuoteWarning,
    SliceResult,
    Supports,
)
from pricing_fdm.pricing.job import Job, Plate
from pricing_fdm.pricing.quote import Price, price
from pricing_fdm.quoting.admission import Admission, SlotDeadline
from pricing_fdm.quoting.backlog import Backlog
from pricing_fdm.quoting.cache.key import key_of
from pricing_fdm.quoting.cache.result_cache import ResultCache
from pricing_fdm.quoting.complexity import complexity
from pricing_fdm.quoting.inspection import Inspection, Inspector
from pricing_fdm.quoting.job_admission import JobAdmission
from pricing_fdm.quoting.quarantine import Quarantine
from pricing_fdm.quoting.single_flight import SingleFlight
from pricing_fdm.quoting.timing import ProgressListener, Stage, StageTimer
from pricing_fdm.quoting.without_support import price_without_support, with_bare_price
from pricing_fdm.quoting.workshop import PassedOver, Plan, Workshop, fits_no_printer
from pricing_fdm.quoting.workspace import Workspace, Workspaces, disk_errors, full_disk_unblamed
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.offer import require_size
from pricing_fdm.slicers.engine import SliceJob
from pricing_fdm.slicers.fallback import FALLBACK
from pricing_fdm.slicers.presets.loaded_shop import PrinterPresets

Source = Callable[[Path], Awaitable[Download]]
"""Fetches the model into the file that it is given."""


@dataclass(frozen=True, slots=True)
class PrinterChoice:
    """On which printer an order is printed, and why on none of those before it."""

    id: str
    name: str
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """An order's price, and everything it was worked out from.

    Attributes:
        cached: The slice result came from the cache; nothing was sliced.
    """

    order: Order
    download: Download
    part: Part
    engine: EngineInfo
    printer: PrinterChoice
    metrics: Metrics
    complexity: Complexity
    price: Price
    warnings: tuple[QuoteWarning, ...]
    cached: bool

    @property
    def fell_back(self) -> bool:
        """Whether the first slicer crashed and the figures are the other's."""
        return any(warning.code == FALLBACK for warning in self.warnings)


@dataclass(frozen=True, slots=True)
class FetchedModel:
    """A model in a folder of its own, for as long as its prices are worked out."""

    download: Download
    workspace: Workspace
    inspection: Inspection
    slot_deadline: SlotDeadline


@dataclass(frozen=True, slots=True)
class Answer:
    """A slice result, and how it came about.

    Attributes:
        printer: On which the part is printed.
        too_small: Why the printers before it are not, by their ids.
        cached: The result came from the cache.
        bare: The result of the same without support, where it has some and that is at hand.
    """

    result: SliceResult
    printer: PrinterPresets
    too_small: Mapping[str, str]
    cached: bool
    bare: SliceResult | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The steps of a quote, with the parts they need, built once at start.

    Attributes:
        in_background: The slices of others go first.
    """

    admission: Admission | JobAdmission
    workspaces: Workspaces
    inspector: Inspector
    workshop: Workshop
    results: ResultCache
    quarantine: Quarantine
    backlog: Backlog = field(default_factory=Backlog)
    single_flight: SingleFlight[SliceResult] = field(default_factory=SingleFlight)
    in_background: bool = False

    @property
    def shop(self) -> Shop:
        """What is offered, and what it costs."""
        return self.workshop.shop

    async def quote(self, order: Order, source: Source, timer: StageTimer) -> Quote:
        """Prices the model that `source` fetches.

        Nothing stays behind, also when the caller leaves: no process, no folder, no place and no
        slot.

        Raises:
            PricingError: From the step that failed.
        """
        async with self.fetched(source, timer) as model:
            answer = await self.answer(order, model, timer)
            return await self.priced(order, model, answer)

    @contextlib.asynccontextmanager
    async def fetched(self, source: Source, timer: StageTimer) -> AsyncIterator[FetchedModel]:
        """Takes a place and fetches the model; both are given up at the end of the context."""
        with timer.measuring(), self.admission.place(), self.workspaces.folder() as workspace:
            timer.enter(Stage.DOWNLOAD)
            with disk_errors():
                download = await source(workspace.path / "upload")
            timer.enter(Stage.INSPECT)
            inspection = Inspection(self.inspector, download.path, workspace.path)
            yield FetchedModel(download, workspace, inspection, self.admission.slot_deadline())

    async def answer(self, order: Order, model: FetchedModel, timer: StageTimer) -> Answer:
        """The slice result of the first printer that the part fits.

        Raises:
            ModelExceedsBuildVolume: It fits none.
            PricingError: From the step that failed, or as it failed a short time ago.
        """
        refusals: list[tuple[Plan, ModelExceedsBuildVolume]] = []
        for plan in self.workshop.plans(order):
            try:
                result, cached = await self._result(plan, order, model, timer)
            except ModelExceedsBuildVolume as error:
                refusals.append((plan, error))
                continue
            too_small = {plan.printer.id: error.detail for plan, error in refusals}
            bare = self._bare(plan, order, model) if result.metrics.support_g else None
            return Answer(result, plan.printer, too_small, cached, bare)
        raise fits_no_printer(refusals)

    def _bare(self, plan: Plan, order: Order, model: FetchedModel) -> SliceResult | None:
        """What the same part came to without support, if it was asked for before."""
        never = replace(order.print_settings, supports=Supports.NEVER)
        key = self._result_key(plan, replace(order, print_settings=never), model.download.sha256)
        return self.results.at_hand(key)

    async def _result(
        self, plan: Plan, order: Order, model: FetchedModel, timer: StageTimer
    ) -> tuple[SliceResult, bool]:
        """Looks in the cache, and slices when the answer is not there.

        Equal questions at the same time share one slice.
        """
        key = self._result_key(plan, order, model.download.sha256)
        result = await self.results.lookup(key)
        if result is not None:
            return result, True
        self.results.raise_if_refused(key)
        self.quarantine.raise_if_held(model.download.sha256)
        self.results.count_slice(shared=key in self.single_flight)
        slice_it = functools.partial(self._slice, key, plan, order, model)
        return await self.single_flight.run(key, timer, slice_it), False

    async def _slice(
        self, key: str, plan: Plan, order: Order, model: FetchedModel, listener: ProgressListener
    ) -> SliceResult:
        """Inspect, take a slot, slice, extract, remember."""
        sha256, inspection = model.download.sha256, model.inspection
        # Others may wait for this result after the caller who brought the model has left.
        with model.workspace.held() as folder, disk_errors(), self.results.refusals_of(key):
            listener.enter(Stage.INSPECT)
            async with inspection.inspected(plan.setup) as inspected:
                listener.enter(Stage.QUEUE)
                with await self.admission.take_slot(model.slot_deadline):
                    listener.enter(Stage.SLICE)
                    job = SliceJob.prepared(
                        inspected.stl,
                        inspected.settings(order.print_settings),
                        plan.presets,
                        folder / f"slice-{key}",
                        sharers=self.admission.sharers,
                        on_progress=listener.progress,
                        in_background=self.in_background,
                    )
                    with self.quarantine.watch(sha256), full_disk_unblamed(job.folder):
                        sliced = await plan.engine.slice(job)
                listener.enter(Stage.EXTRACT)
                metrics = await complete_in_thread(
                    extract_metrics, sliced.gcode, sliced.member, sliced.expected, sliced.folder
                )
                part = await inspected.part()
            result = SliceResult(part, sliced.engine, metrics, sliced.warnings)
            if sliced.engine.name == plan.engine.name:  # a fallback's figures are not kept
                await self.results.remember(key, result)
            return result

    async def priced(self, order: Order, model: FetchedModel, answer: Answer) -> Quote:
        """The price of an order whose slice result is known."""
        result = answer.result
        part, metrics = result.part, result.metrics
        rating = complexity(part, metrics)
        require_size(order.finishes, part.dimensions_mm, self.shop)
        warnings = part.warnings + result.warnings + metrics.warnings
        job = Job(
            order=order,
            shop=self.shop,
            printer=answer.printer.id,
            plates=(Plate(1, order.quantity, metrics),),
            copy=metrics,
            complexity=rating,
            surface_cm2=part.surface_cm2,
            now=dt.datetime.now(dt.UTC),
            warnings=warnings,
            backlog_hours=await self._waiting_hours(answer.printer.id),
        )
        found = price(job)
        if answer.bare is not None:
            warnings = with_bare_price(warnings, price_without_support(job, answer.bare))
        return Quote(
            order=order,
            download=model.download,
            part=part,
            engine=result.engine,
            printer=PrinterChoice(
                answer.printer.id,
                answer.printer.name,
                self.workshop.passed_over(order, answer.printer.id, answer.too_small),
            ),
            metrics=metrics,
            complexity=rating,
            price=found,
            warnings=warnings + found.warnings,
            cached=answer.cached,
        )

    async def _waiting_hours(self, printer: str) -> Decimal | None:
        """What waits at a printer, where lead times depend on it."""
        if self.shop.lead_time.model == "table":
            return None
        return await self.backlog.hours(printer)

    def question(self, order: Order, sha256: str) -> tuple[str, ...]:
        """Names what an order asks for: equal questions have equal answers."""
        return tuple(self._result_key(plan, order, sha256) for plan in self.workshop.plans(order))

    def _result_key(self, plan: Plan, order: Order, sha256: str) -> str:
        """Names the slice result of an order on a printer: equal keys mean equal figures."""
        settings = order.print_settings
        return key_of(
            {
                "model": sha256,
                "inspection": self.inspector.identity(plan.setup),
                "engine": plan.engine.identity,
                "profile": plan.presets.hash,
                "infill_percent": settings.infill_percent,
                "layer_thickness": settings.quality.layer_thickness,
                "supports": settings.supports.value,
                "overrides": dict(settings.overrides),
            }
        )

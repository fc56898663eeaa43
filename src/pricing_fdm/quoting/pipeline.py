"""The way of a quote: a place, a file, a slice result, a price.

This module holds the order of the steps and nothing else: no business rule, no I/O of its own.
`Pipeline.quote` prices one order. Several prices of one part are the same steps over one fetched
model; see `options`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from pricing_fdm.errors import ModelExceedsBuildVolume
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
from pricing_fdm.quoting.cache.result_cache import ResultCache
from pricing_fdm.quoting.complexity import complexity
from pricing_fdm.quoting.inspection import Inspection, Inspector
from pricing_fdm.quoting.job_admission import JobAdmission
from pricing_fdm.quoting.plate_work import Copies
from pricing_fdm.quoting.plates import SharedPlates, SlicedPlate
from pricing_fdm.quoting.quarantine import Quarantine
from pricing_fdm.quoting.single_flight import SingleFlight
from pricing_fdm.quoting.slicing import FetchedModel, Slicing
from pricing_fdm.quoting.timing import Stage, StageTimer
from pricing_fdm.quoting.without_support import price_without_support, with_bare_price
from pricing_fdm.quoting.workshop import PassedOver, Plan, Workshop, fits_no_printer
from pricing_fdm.quoting.workspace import Workspaces, disk_errors
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.offer import require_size
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
class Answer:
    """A slice result, and how it came about.

    Attributes:
        result: Of one part by itself.
        printer: On which the part is printed.
        too_small: Why the printers before it are not, by their ids.
        cached: Nothing was sliced.
        plates: The real ones of all copies; none where one copy is multiplied.
        bare: The result of the same without support, where it has some and that is at hand.
        bare_plates: The plates of that.
    """

    result: SliceResult
    printer: PrinterPresets
    too_small: Mapping[str, str]
    cached: bool
    plates: tuple[SlicedPlate, ...] = ()
    bare: SliceResult | None = None
    bare_plates: tuple[SlicedPlate, ...] = ()


@dataclass(frozen=True, slots=True)
class Sliced:
    """A slice result that a price is about to be made of.

    Attributes:
        key: Of the result cache.
        cached: It came from there.
    """

    key: str
    sha256: str
    plan: Plan
    order: Order
    result: SliceResult
    cached: bool


def _unheard(_: Sliced) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The steps of a quote, with the parts they need, built once at start.

    Attributes:
        in_background: The slices of others go first.
        on_result: Is told of each slice result that the planned engine gave.
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
    on_result: Callable[[Sliced], None] = _unheard

    @property
    def shop(self) -> Shop:
        """What is offered, and what it costs."""
        return self.workshop.shop

    @property
    def slicing(self) -> Slicing:
        """What makes slice results."""
        return Slicing(
            self.admission,
            self.inspector,
            self.results,
            self.quarantine,
            self.single_flight,
            self.in_background,
        )

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
        with timer.measuring(), self.admission.place():
            async with self.model(source, timer, self.admission.slot_deadline()) as model:
                timer.enter(Stage.INSPECT)
                yield model

    @contextlib.asynccontextmanager
    async def model(
        self, source: Source, timer: StageTimer, slot_deadline: SlotDeadline
    ) -> AsyncIterator[FetchedModel]:
        """Fetches a model for a request that has its place."""
        with self.workspaces.folder() as workspace:
            timer.enter(Stage.DOWNLOAD)
            with disk_errors():
                download = await source(workspace.path / "upload")
            inspection = Inspection(self.inspector, download.path, workspace.path)
            yield FetchedModel(download, workspace, inspection, slot_deadline)

    async def answer(self, order: Order, model: FetchedModel, timer: StageTimer) -> Answer:
        """The slice results of all copies; errors as of `alone`."""
        plan, answer = await self.alone(order, model, timer)
        answer = await self.with_plates(answer, plan, order, model, timer)
        return await self._with_bare(answer, plan, order, model)

    async def alone(
        self, order: Order, model: FetchedModel, timer: StageTimer
    ) -> tuple[Plan, Answer]:
        """The slice result of one copy on the first printer that it fits.

        Raises:
            ModelExceedsBuildVolume: It fits none.
            PricingError: From the step that failed, or as it failed a short time ago.
        """
        refusals: list[tuple[Plan, ModelExceedsBuildVolume]] = []
        for plan in self.workshop.plans(order):
            try:
                result, cached = await self.slicing.part(plan, order, model, timer)
            except ModelExceedsBuildVolume as error:
                refusals.append((plan, error))
                continue
            if result.engine.name == plan.engine.name:  # and no fallback's
                sha256 = model.download.sha256
                key = self.slicing.part_key(plan, order, sha256)
                self.on_result(Sliced(key, sha256, plan, order, result, cached))
            too_small = {plan.printer.id: error.detail for plan, error in refusals}
            return plan, Answer(result, plan.printer, too_small, cached)
        raise fits_no_printer(refusals)

    async def with_plates(
        self, answer: Answer, plan: Plan, order: Order, model: FetchedModel, timer: StageTimer
    ) -> Answer:
        """The answer with the real plates of all copies, where there are some."""
        if not self.has_plates(order):
            return answer
        plates = await self.plates(Copies(plan, order, model, answer.result)).sliced(timer)
        cached = answer.cached and all(plate.cached for plate in plates)
        return replace(answer, plates=plates, cached=cached)

    async def _with_bare(
        self, answer: Answer, plan: Plan, order: Order, model: FetchedModel
    ) -> Answer:
        """The answer with what the same came to without support, if it was asked for before."""
        if not answer.result.metrics.support_g:
            return answer
        never = replace(order.print_settings, supports=Supports.NEVER)
        unsupported = replace(order, print_settings=never)
        key = self.slicing.part_key(plan, unsupported, model.download.sha256)
        bare = self.results.at_hand(key)
        if bare is None or not self.has_plates(order):
            return replace(answer, bare=bare)
        plates = await self.plates(Copies(plan, unsupported, model, bare)).at_hand()
        return replace(answer, bare=bare, bare_plates=plates) if plates else answer

    def has_plates(self, order: Order) -> bool:
        """Whether copies are packed."""
        return order.quantity > 1 and self.shop.tariff.quantity == "plates"

    def plates(self, *parts: Copies) -> SharedPlates:
        """The plates of parts that are printed together."""
        return SharedPlates(self.slicing, self.shop.tariff.plate_copies_max, parts)

    async def priced(self, order: Order, model: FetchedModel, answer: Answer) -> Quote:
        """The price of an order whose slice result is known."""
        job = await self.job(order, answer)
        found, warnings = price(job), job.warnings
        if answer.bare is not None:
            plates = self.priced_plates(
                order, answer.printer, answer.bare_plates, answer.bare.metrics
            )
            bare = price_without_support(job, answer.bare, plates)
            warnings = with_bare_price(warnings, bare)
        return self.quoted(job, model, answer, found, warnings + found.warnings)

    async def job(self, order: Order, answer: Answer) -> Job:
        """What the price is worked out from.

        Raises:
            InvalidRequest: The part is too large for a finish.
        """
        result = answer.result
        part, metrics = result.part, result.metrics
        require_size(order.finishes, part.dimensions_mm, self.shop)
        of_plates = (warning for plate in answer.plates for warning in plate.warnings)
        of_part = part.warnings + result.warnings + metrics.warnings
        return Job(
            order=order,
            shop=self.shop,
            printer=answer.printer.id,
            plates=self.priced_plates(order, answer.printer, answer.plates, metrics),
            copy=metrics,
            complexity=complexity(part, metrics),
            surface_cm2=part.surface_cm2,
            now=dt.datetime.now(dt.UTC),
            warnings=tuple(dict.fromkeys((*of_part, *of_plates))),
            backlog_hours=await self.waiting_hours(answer.printer.id),
        )

    def quoted(
        self,
        job: Job,
        model: FetchedModel,
        answer: Answer,
        found: Price,
        warnings: tuple[QuoteWarning, ...],
    ) -> Quote:
        """A part with its price, or with that of the order that it belongs to."""
        result, order = answer.result, job.order
        return Quote(
            order=order,
            download=model.download,
            part=result.part,
            engine=result.engine,
            printer=PrinterChoice(
                answer.printer.id,
                answer.printer.name,
                self.workshop.passed_over(order, answer.printer.id, answer.too_small),
            ),
            metrics=result.metrics,
            complexity=job.complexity,
            price=found,
            warnings=warnings,
            cached=answer.cached,
        )

    def priced_plates(
        self,
        order: Order,
        printer: PrinterPresets,
        plates: tuple[SlicedPlate, ...],
        copy: Metrics,
    ) -> tuple[Plate, ...]:
        """The real plates, or else one for each copy."""
        heat_up_s = self.shop.printer(printer.id).heat_up_s
        if not plates:
            return (Plate(1, order.quantity, copy, heat_up_s),)
        return tuple(plate.priced(heat_up_s) for plate in plates)

    async def waiting_hours(self, printer: str) -> Decimal | None:
        """What waits at a printer, where lead times depend on it."""
        if self.shop.lead_time.model == "table":
            return None
        return await self.backlog.hours(printer)

    def question(self, order: Order, sha256: str) -> tuple[str, ...]:
        """Names what an order asks for: equal questions have equal answers."""
        keys = (self.slicing.part_key(plan, order, sha256) for plan in self.workshop.plans(order))
        return (*keys, *([f"{order.quantity} copies"] if self.has_plates(order) else []))

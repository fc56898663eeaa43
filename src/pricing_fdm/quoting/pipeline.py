"""The way of a quote: a place, a file, a slice result, a price.

    quote -> fetched -> answer -> priced

This module holds the order of the steps and nothing else: no business rule, no I/O of its own.
`Pipeline.quote` prices one order. Several prices of one part are the same steps over one fetched
model; see `options`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from pricing_fdm.model import Download, Order, SliceResult, Supports
from pricing_fdm.pricing.job import Job
from pricing_fdm.pricing.quote import price
from pricing_fdm.quoting.admission import Admission, SlotDeadline
from pricing_fdm.quoting.backlog import Backlog
from pricing_fdm.quoting.cache.result_cache import ResultCache
from pricing_fdm.quoting.full_disk import disk_errors
from pricing_fdm.quoting.inspection import Inspection
from pricing_fdm.quoting.inspector import Inspector
from pricing_fdm.quoting.job_admission import JobAdmission
from pricing_fdm.quoting.plate_work import Copies
from pricing_fdm.quoting.plates import SharedPlates
from pricing_fdm.quoting.quarantine import Quarantine
from pricing_fdm.quoting.quote import Answer, Quote, job_of, priced_plates, quoted
from pricing_fdm.quoting.single_flight import SingleFlight
from pricing_fdm.quoting.slicing import FetchedModel, SliceListener, Slicing, unheard
from pricing_fdm.quoting.timing import Stage, StageTimer
from pricing_fdm.quoting.without_support import price_without_support, with_bare_price
from pricing_fdm.quoting.workshop import Workshop
from pricing_fdm.quoting.workspace import Workspaces
from pricing_fdm.shop.catalogue import Shop

Source = Callable[[Path], Awaitable[Download]]
"""Fetches the model into the file that it is given."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The steps of a quote, with the parts they need, built once at start.

    Attributes:
        in_background: The slices of others go first.
        on_slice: Called for each slice of a part by itself that the planned engine made.
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
    on_slice: SliceListener = unheard

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
            self.on_slice,
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
        answer = await self.alone(order, model, timer)
        answer = await self._with_plates(answer, order, model, timer)
        return await self._with_bare(answer, order, model)

    async def alone(self, order: Order, model: FetchedModel, timer: StageTimer) -> Answer:
        """The slice result of one copy on the first printer that it fits.

        Raises:
            ModelExceedsBuildVolume: It fits none.
            PricingError: From the step that failed, or as it failed a short time ago.
        """
        plan, printer, sliced = await self.workshop.first_fit(
            order, lambda plan: self.slicing.part(plan, order, model, timer)
        )
        return Answer(sliced.result, plan, printer, sliced.cached)

    async def _with_plates(
        self, answer: Answer, order: Order, model: FetchedModel, timer: StageTimer
    ) -> Answer:
        """The answer with the real plates of all copies, where there are some."""
        if not self.has_plates(order):
            return answer
        plates = await self.plates(Copies(answer.plan, order, model, answer.result)).sliced(timer)
        cached = answer.cached and all(plate.cached for plate in plates)
        return replace(answer, plates=plates, cached=cached)

    async def _with_bare(self, answer: Answer, order: Order, model: FetchedModel) -> Answer:
        """The answer with what the same came to without support, if it was asked for before."""
        if not answer.result.metrics.support_g:
            return answer
        never = replace(order.print_settings, supports=Supports.NEVER)
        unsupported = replace(order, print_settings=never)
        key = self.slicing.part_key(answer.plan, unsupported, model.download.sha256)
        bare = self.results.at_hand(key)
        if bare is None or not self.has_plates(order):
            return replace(answer, bare=bare)
        plates = await self.plates(Copies(answer.plan, unsupported, model, bare)).at_hand()
        return replace(answer, bare=bare, bare_plates=plates) if plates else answer

    async def priced(self, order: Order, model: FetchedModel, answer: Answer) -> Quote:
        """The price of an order whose slice results are known."""
        job = await self.job(order, answer)
        found, warnings = price(job), job.warnings
        if answer.bare is not None:
            plates = priced_plates(
                order, self.shop, answer.printer.id, answer.bare_plates, answer.bare.metrics
            )
            bare = price_without_support(job, answer.bare, plates)
            warnings = with_bare_price(warnings, bare)
        return quoted(job, model.download, answer, found, warnings + found.warnings)

    async def job(self, order: Order, answer: Answer) -> Job:
        """What the price is worked out from; errors as of `job_of`."""
        return job_of(order, answer, self.shop, await self.waiting_hours(answer.printer.id))

    async def waiting_hours(self, printer: str) -> Decimal | None:
        """What waits at a printer, where lead times depend on it."""
        if self.shop.lead_time.model == "table":
            return None
        return await self.backlog.hours(printer)

    def has_plates(self, order: Order) -> bool:
        """Whether copies are packed."""
        return order.quantity > 1 and self.shop.tariff.quantity == "plates"

    def plates(self, *parts: Copies) -> SharedPlates:
        """The plates of parts that are printed together."""
        return SharedPlates(self.slicing, self.shop.tariff.plate_copies_max, parts)

    def question(self, order: Order, sha256: str) -> tuple[str, ...]:
        """Names what an order asks for: equal questions have equal answers."""
        keys = (self.slicing.part_key(plan, order, sha256) for plan in self.workshop.plans(order))
        return (*keys, *([f"{order.quantity} copies"] if self.has_plates(order) else []))

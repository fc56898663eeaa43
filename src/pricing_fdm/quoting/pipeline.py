"""The way of a quote: a place, a file, a slice result, a price.

This module holds the order of the steps and nothing else: no business rule, no I/O of its own.
`Pipeline.quote` prices one order. Several prices of one part are the same steps over one fetched
model; see `options`.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from pricing_fdm.concurrency.completion import complete_in_thread
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
)
from pricing_fdm.pricing.quote import Price, price
from pricing_fdm.pricing.tariff import tariff_of
from pricing_fdm.quoting.admission import Admission, SlotDeadline
from pricing_fdm.quoting.cache.key import key_of
from pricing_fdm.quoting.cache.result_cache import ResultCache
from pricing_fdm.quoting.complexity import complexity
from pricing_fdm.quoting.inspection import Inspection, Inspector
from pricing_fdm.quoting.job_admission import JobAdmission
from pricing_fdm.quoting.quarantine import Quarantine
from pricing_fdm.quoting.single_flight import SingleFlight
from pricing_fdm.quoting.timing import ProgressListener, Stage, StageTimer
from pricing_fdm.quoting.workspace import Workspace, Workspaces, disk_errors, full_disk_unblamed
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.slicers.engine import Engine, SliceJob

Source = Callable[[Path], Awaitable[Download]]
"""Fetches the model into the file that it is given."""


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
    metrics: Metrics
    complexity: Complexity
    price: Price
    warnings: tuple[QuoteWarning, ...]
    cached: bool


@dataclass(frozen=True, slots=True)
class FetchedModel:
    """A model in a folder of its own, for as long as its prices are worked out."""

    download: Download
    workspace: Workspace
    inspection: Inspection
    slot_deadline: SlotDeadline


@dataclass(frozen=True, slots=True)
class Answer:
    """A slice result, and whether it came from the cache."""

    result: SliceResult
    cached: bool


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The steps of a quote, with the parts they need, built once at start."""

    admission: Admission | JobAdmission
    workspaces: Workspaces
    inspector: Inspector
    engine: Engine
    results: ResultCache
    quarantine: Quarantine
    shop: Shop
    single_flight: SingleFlight[SliceResult] = field(default_factory=SingleFlight)

    async def quote(self, order: Order, source: Source, timer: StageTimer) -> Quote:
        """Prices the model that `source` fetches.

        Nothing stays behind, also when the caller leaves: no process, no folder, no place and no
        slot.

        Raises:
            PricingError: From the step that failed.
        """
        async with self.fetched(source, timer) as model:
            answer = await self.answer(order, model, timer)
            return self.priced(order, model, answer)

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
        """Looks in the cache, and slices when the answer is not there.

        Equal questions at the same time share one slice.

        Raises:
            PricingError: From the step that failed, or as it failed a short time ago.
        """
        key = self.result_key(order, model.download.sha256)
        result = await self.results.lookup(key)
        if result is not None:
            return Answer(result, cached=True)
        self.results.raise_if_refused(key)
        self.quarantine.raise_if_held(model.download.sha256)
        self.results.count_slice(shared=key in self.single_flight)
        slice_it = functools.partial(self._slice, key, order, model)
        return Answer(await self.single_flight.run(key, timer, slice_it), cached=False)

    async def _slice(
        self, key: str, order: Order, model: FetchedModel, listener: ProgressListener
    ) -> SliceResult:
        """Inspect, take a slot, slice, extract, remember."""
        sha256, inspection = model.download.sha256, model.inspection
        # Others may wait for this result after the caller who brought the model has left.
        with model.workspace.held() as folder, disk_errors(), self.results.refusals_of(key):
            listener.enter(Stage.INSPECT)
            async with inspection.inspected(self.inspector.print_setup(order)) as inspected:
                listener.enter(Stage.QUEUE)
                with await self.admission.take_slot(model.slot_deadline):
                    listener.enter(Stage.SLICE)
                    job = SliceJob.prepared(
                        inspected.stl,
                        order.print_settings,
                        self.inspector.profiles.chosen(order.print_settings),
                        folder / f"slice-{key}",
                        sharers=self.admission.sharers,
                        on_progress=listener.progress,
                    )
                    with self.quarantine.watch(sha256), full_disk_unblamed(job.folder):
                        sliced = await self.engine.slice(job)
                listener.enter(Stage.EXTRACT)
                metrics = await complete_in_thread(
                    extract_metrics, sliced.gcode, sliced.member, sliced.expected, sliced.folder
                )
                part = await inspected.part()
            result = SliceResult(part, sliced.engine, metrics, sliced.warnings)
            if sliced.engine.name == self.engine.name:  # a fallback's figures are not kept
                await self.results.remember(key, result)
            return result

    def priced(self, order: Order, model: FetchedModel, answer: Answer) -> Quote:
        """The price of an order whose slice result is known."""
        result = answer.result
        rating = complexity(result.part, result.metrics)
        return Quote(
            order=order,
            download=model.download,
            part=result.part,
            engine=result.engine,
            metrics=result.metrics,
            complexity=rating,
            price=price(result.metrics, order, rating, tariff_of(self.shop)),
            warnings=result.part.warnings + result.warnings + result.metrics.warnings,
            cached=answer.cached,
        )

    def result_key(self, order: Order, sha256: str) -> str:
        """Names the slice result of an order: equal keys mean equal figures."""
        settings = order.print_settings
        return key_of(
            {
                "model": sha256,
                "inspection": self.inspector.identity(order),
                "engine": self.engine.identity,
                "profile": self.inspector.profiles.chosen(settings).hash,
                "infill_percent": settings.infill_percent,
                "layer_thickness": settings.quality.layer_thickness,
                "supports": settings.supports.value,
            }
        )

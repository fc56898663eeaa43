"""The story of a quote: a place, a model, what is found out about it, a price.

Here stands the order and nothing else: no business rule, no I/O of its own. `findings` tells the
middle of the story, which is remembered; the price is computed each time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pricing_fdm.errors import PricingError, QueueTimeout
from pricing_fdm.model import (
    Complexity,
    Download,
    EngineInfo,
    IsKnown,
    Metrics,
    Order,
    Part,
    QuoteWarning,
    SliceResult,
)
from pricing_fdm.pricing.quote import Price, price
from pricing_fdm.pricing.tariff import Tariff
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.complexity import complexity
from pricing_fdm.quoting.inspection import Inspection
from pricing_fdm.quoting.slice_result import Findings, Model, Recalled, disk_errors
from pricing_fdm.quoting.timing import Stage, StageTimer
from pricing_fdm.quoting.workspace import Workspaces
from pricing_fdm.slicers.engine import Engine

Source = Callable[[Path, IsKnown], Awaitable[Download]]
"""Brings the model into the file that it is given.

One that knows the SHA-256 of what it would bring may ask whether the bytes are needed.
"""


@dataclass(frozen=True, slots=True)
class Quote:
    """Everything that was found out about an order.

    Attributes:
        cached: It was remembered; nothing was sliced for it.
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
class Option:
    """How one of several orders for the same model fared, and where its time went."""

    outcome: Quote | PricingError
    clock: StageTimer


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The parts a quote needs, put together once at start."""

    admission: Admission
    workspaces: Workspaces
    findings: Findings
    tariff: Tariff

    @property
    def engine(self) -> Engine:
        """Which slicer it is."""
        return self.findings.engine

    async def quote(self, order: Order, source: Source, clock: StageTimer) -> Quote:
        """Prices the model that `source` brings.

        Whatever happens, also when the caller leaves, nothing stays behind: no process, no
        folder, no place or slot taken.

        Raises:
            PricingError: As the stage that failed says.
        """
        async with self._visit((order,), source, clock) as visit:
            (key,) = visit.recalled.keys(visit.model.download.sha256)
            return self._priced(order, visit, await self._answer(key, order, visit, clock))

    async def options(
        self, orders: Sequence[Order], source: Source, clock: StageTimer
    ) -> list[Option]:
        """Prices one model in several ways: brought and judged once, each distinct slice made once.

        As many slices run at once as there are slots. A way that fails fails alone. The first slot
        is waited for as by a quote; a request that has had one is served to its end.

        Returns:
            One option for each order, in their order.

        Raises:
            PricingError: No way can be priced: there is no place, no model, or no slot for any.
        """
        turns = asyncio.Semaphore(self.admission.slots)

        async def work(key: str, order: Order, visit: _Visit) -> _Worked:
            own = clock.fork()
            own.enter(Stage.QUEUE)
            async with turns:
                own.enter(Stage.INSPECT)
                try:
                    answer = await self._answer(key, order, visit, own)
                except PricingError as error:
                    own.stop(failed=True)
                    return _Worked(error, own)
                own.stop()
                return _Worked(answer, own)

        async with self._visit(orders, source, clock) as visit:
            keys = visit.recalled.keys(visit.model.download.sha256)
            async with asyncio.TaskGroup() as group:
                tasks = {
                    key: group.create_task(work(key, order, visit))
                    for key, order in dict(zip(keys, orders, strict=True)).items()
                }
            options = [
                self._option(order, visit, tasks[key].result())
                for key, order in zip(keys, orders, strict=True)
            ]
        _raise_if_nobody_was_served(options)
        return options

    @contextlib.asynccontextmanager
    async def _visit(
        self, orders: Sequence[Order], source: Source, clock: StageTimer
    ) -> AsyncIterator[_Visit]:
        """A place, and the model in a folder, until the orders are answered."""
        inspector, recalled = self.findings.inspector, Recalled(self.findings, orders)
        with _timed(clock), self.admission.place(), self.workspaces.folder() as folder:
            upload = folder.path / "upload"
            with disk_errors():
                clock.enter(Stage.DOWNLOAD)
                download = await source(upload, recalled.is_known)
            clock.enter(Stage.INSPECT)
            new_orders = await recalled.new_orders(download.sha256)
            ways = frozenset(inspector.way(order) for order in new_orders)
            inspection = Inspection(inspector, upload, folder.path, ways)
            yield _Visit(Model(download, folder, inspection, self.admission.patience()), recalled)

    async def _answer(self, key: str, order: Order, visit: _Visit, clock: StageTimer) -> _Answer:
        finding = visit.recalled.finding(key)
        if finding is not None:
            return _Answer(finding, recalled=True)
        finding = await self.findings.find(key, order, visit.model, clock)
        return _Answer(finding, recalled=False)

    def _option(self, order: Order, visit: _Visit, worked: _Worked) -> Option:
        answer = worked.answer
        if isinstance(answer, PricingError):
            return Option(answer, worked.clock)
        return Option(self._priced(order, visit, answer), worked.clock)

    def _priced(self, order: Order, visit: _Visit, answer: _Answer) -> Quote:
        finding = self.findings.weighed(answer.finding, order)
        rating = complexity(finding.part, finding.metrics)
        return Quote(
            order=order,
            download=visit.model.download,
            part=finding.part,
            engine=finding.engine,
            metrics=finding.metrics,
            complexity=rating,
            price=price(finding.metrics, order, rating, self.tariff),
            warnings=finding.part.warnings + finding.warnings + finding.metrics.warnings,
            cached=answer.recalled,
        )


@dataclass(frozen=True, slots=True)
class _Visit:
    model: Model
    recalled: Recalled


@dataclass(frozen=True, slots=True)
class _Answer:
    finding: SliceResult
    recalled: bool


@dataclass(frozen=True, slots=True)
class _Worked:
    answer: _Answer | PricingError
    clock: StageTimer


def _raise_if_nobody_was_served(options: Sequence[Option]) -> None:
    refusals = [option.outcome for option in options if isinstance(option.outcome, QueueTimeout)]
    if len(refusals) == len(options):
        raise refusals[0]


@contextlib.contextmanager
def _timed(clock: StageTimer) -> Iterator[None]:
    """Stops the clock, whatever happens."""
    try:
        yield
    except BaseException:
        clock.stop(failed=True)
        raise
    clock.stop()

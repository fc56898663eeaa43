"""A pipeline as the service builds it, with the puppet for a slicer; its seams are counted."""

from __future__ import annotations

import asyncio
import functools
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pricing_fdm.mesh.step.converter import Conversion, StepConverter
from pricing_fdm.model import (
    Download,
    EngineInfo,
    Order,
    PrintQuality,
    PrintSettings,
    Slice,
    Supports,
)
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.options import Option, quote_options
from pricing_fdm.quoting.pipeline import Pipeline, Source
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.shop.faults import Fault
from pricing_fdm.slicers.engine import NO_OVERRIDES, Engine, SliceJob
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from tests.harness import qualities

SLOTS = 2
PATIENCE_S = 60


class Watched:
    """An engine that counts what it is asked for.

    Attributes:
        begun: How many slices were begun.
        most: How many ran at once, at most.
        during: What else happens in a slice, before the engine is asked.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._now = 0
        self.begun = self.most = 0
        self.during: Callable[[SliceJob], Awaitable[object]] | None = None

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def version(self) -> str:
        return self._engine.version

    @property
    def identity(self) -> str:
        return self._engine.identity

    def info(self, presets: ChosenPresets) -> EngineInfo:
        return self._engine.info(presets)

    def faults(
        self, presets: ChosenPresets, overrides: Mapping[str, str] = NO_OVERRIDES
    ) -> tuple[Fault, ...]:
        return self._engine.faults(presets, overrides)

    async def slice(self, job: SliceJob) -> Slice:
        self.begun, self._now = self.begun + 1, self._now + 1
        self.most = max(self.most, self._now)
        try:
            if self.during is not None:
                await self.during(job)
            return await self._engine.slice(job)
        finally:
            self._now -= 1


class CountingConverter(StepConverter):
    """The real one."""

    converted = 0

    async def convert(self, source: Path, folder: Path, destination: Path) -> Conversion:
        """As ever."""
        self.converted += 1
        return await super().convert(source, folder, destination)


@dataclass
class Bench:
    """A pipeline, and what was counted at its seams."""

    pipeline: Pipeline
    engine: Watched
    converter: CountingConverter
    temp_dir: Path
    downloads: int = 0

    async def options(
        self, content: bytes, *orders: Order, timer: StageTimer | None = None
    ) -> list[Option]:
        """Prices a model in these ways."""
        source = functools.partial(self.fetch, content)
        return await quote_options(self.pipeline, orders, source, timer or StageTimer())

    async def quote(self, content: bytes, order: Order, timer: StageTimer | None = None) -> Quote:
        """Prices a model once."""
        source = functools.partial(self.fetch, content)
        return await self.pipeline.quote(order, source, timer or StageTimer())

    def multiply_copies(self) -> None:
        """From now on the shop charges copies one by one."""
        tariff = self.pipeline.shop.tariff.model_copy(update={"quantity": "multiply"})
        self._change_shop(tariff=tariff)

    def change_printer(self, **changes: Any) -> None:
        """From now on the shop's only printer is another."""
        (printer,) = self.pipeline.shop.printers
        self._change_shop(printers=(printer.model_copy(update=changes),))

    def _change_shop(self, **changes: Any) -> None:
        workshop = self.pipeline.workshop
        shop = workshop.shop.model_copy(update=changes)
        loaded = replace(workshop.loaded, shop=shop)
        self.pipeline = replace(self.pipeline, workshop=replace(workshop, loaded=loaded))

    async def fetch(self, content: bytes, destination: Path) -> Download:
        """A source."""
        self.downloads += 1
        await asyncio.to_thread(destination.write_bytes, content)
        return Download(destination, len(content), hashlib.sha256(content).hexdigest())

    @property
    def admission(self) -> Admission:
        """Of requests."""
        assert isinstance(self.pipeline.admission, Admission)
        return self.pipeline.admission

    def is_at_rest(self) -> bool:
        """Nothing is left: no place, no slot, no folder."""
        admission = self.admission
        empty = not list(self.temp_dir.iterdir())
        return empty and (admission.admitted, admission.slicing, admission.sharers) == (0, 0, 0)


Run = Callable[[Callable[[Bench], Awaitable[None]]], None]


def order_of(
    material: str = "pla",
    infill: int = 20,
    layer: PrintQuality = qualities.STANDARD,
    supports: Supports = Supports.AUTO,
    **order: Any,
) -> Order:
    """An order, standard but for what is given."""
    return Order(PrintSettings(material, infill, layer, supports), **order)


def source_of(bench: Bench, content: bytes) -> Source:
    """Brings a model."""
    return functools.partial(bench.fetch, content)


def copies(quantity: int) -> Order:
    """An order of so many."""
    return order_of(quantity=quantity)


def plates_of(quote: Quote) -> list[tuple[int, int]]:
    """Copies on each distinct plate, and how many there are of it."""
    return [(plate.copies, plate.times) for plate in quote.price.plates]


def is_plate(job: SliceJob) -> bool:
    """Whether a plate is sliced, and no part by itself."""
    return job.model.suffix == ".3mf"

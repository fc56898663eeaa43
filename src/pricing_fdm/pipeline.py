"""The story of a quote: download, inspect, slice, extract, price.

Here stands the order and nothing else: no business rule, no I/O of its own. Each stage takes a
value and gives the next; none knows another.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from pricing_fdm.admission import Admission
from pricing_fdm.cad.converter import StepConverter
from pricing_fdm.cad.recognise import STEP, is_step
from pricing_fdm.completion import complete_in_thread
from pricing_fdm.complexity import complexity
from pricing_fdm.errors import ModelFormat, WorkspaceFull
from pricing_fdm.extract.metrics import extract_metrics
from pricing_fdm.mesh.inspect import inspect_model
from pricing_fdm.model import (
    Complexity,
    Download,
    EngineInfo,
    Metrics,
    Order,
    Part,
    QuoteWarning,
)
from pricing_fdm.poison import Poison
from pricing_fdm.pricing.quote import Price, price
from pricing_fdm.pricing.tariff import Tariff
from pricing_fdm.slicer.engine import Engine, SliceJob
from pricing_fdm.slicer.profiles import ProfileSet
from pricing_fdm.workspace import Workspaces

Source = Callable[[Path], Awaitable[Download]]
"""Brings the model into the file that it is given."""


class Stage(StrEnum):
    """The steps whose time is told."""

    DOWNLOAD = "download"
    INSPECT = "inspect"
    QUEUE = "queue"
    SLICE = "slice"
    EXTRACT = "extract"


@dataclass(frozen=True, slots=True)
class Lap:
    """A measured stretch of time.

    Attributes:
        name: Of the stage, or `total`.
        start_ns: Nanoseconds since 1970.
        end_ns: The same; the difference does not depend on the wall clock being set.
        failed: It was left by an exception.
    """

    name: str
    start_ns: int
    end_ns: int
    failed: bool = False

    @property
    def elapsed_ms(self) -> float:
        """How long it took."""
        return (self.end_ns - self.start_ns) / 1_000_000


class StageClock:
    """Measures the stages of one quote and tells an observer where it stands.

    Args:
        on_stage: Is told the stage that begins.
        on_progress: Is told how many percent of the slice are done, as the slicer says it.
    """

    def __init__(
        self,
        on_stage: Callable[[Stage], None] | None = None,
        on_progress: Callable[[int], None] | None = None,
    ) -> None:
        self.on_progress = on_progress
        self._on_stage = on_stage
        self._epoch_ns = time.time_ns() - time.perf_counter_ns()
        self._start_ns = self._now_ns()
        self._laps: list[Lap] = []

    @contextlib.contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Times what happens inside as `stage`."""
        if self._on_stage is not None:
            self._on_stage(stage)
        start_ns, failed = self._now_ns(), True
        try:
            yield
            failed = False
        finally:
            self._laps.append(Lap(stage.value, start_ns, self._now_ns(), failed))

    def laps(self) -> tuple[Lap, ...]:
        """The stages that were reached and left, in this order."""
        return tuple(self._laps)

    def total(self) -> Lap:
        """From the start until now."""
        return Lap("total", self._start_ns, self._now_ns())

    def timing_ms(self) -> dict[str, float]:
        """Milliseconds of each stage that was reached, and in total until now."""
        return {lap.name: lap.elapsed_ms for lap in (*self._laps, self.total())}

    def _now_ns(self) -> int:
        return self._epoch_ns + time.perf_counter_ns()


@dataclass(frozen=True, slots=True)
class Quote:
    """Everything that was found out about an order."""

    order: Order
    download: Download
    part: Part
    engine: EngineInfo
    metrics: Metrics
    complexity: Complexity
    price: Price
    warnings: tuple[QuoteWarning, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The parts a quote needs, put together once at start.

    Attributes:
        converter: None where STEP files cannot be read.
    """

    admission: Admission
    workspaces: Workspaces
    poison: Poison
    engine: Engine
    converter: StepConverter | None
    profiles: ProfileSet
    tariff: Tariff
    max_triangles: int

    async def quote(self, order: Order, source: Source, clock: StageClock) -> Quote:
        """Prices the model that `source` brings.

        Whatever happens, also when the caller leaves, nothing stays behind: no process, no
        folder, no place or slot taken.

        Raises:
            PricingError: As the stage that failed says.
        """
        with self.admission.place(), self.workspaces.folder() as folder, _disk_errors():
            with clock.stage(Stage.DOWNLOAD):
                download = await source(folder / "upload")
            self.poison.refuse_known(download.sha256)
            slicing = folder / "slice"  # where the slicer works; the caller's bytes lie outside
            slicing.mkdir()
            with clock.stage(Stage.INSPECT):
                part = await self._inspect(order, download.path, folder, slicing / "model.stl")
            with clock.stage(Stage.QUEUE):
                slot = await self.admission.take_slot()
            with slot, clock.stage(Stage.SLICE), self.poison.watched(download.sha256):
                job = SliceJob(
                    part.path, order.print_settings, slicing, slot.number, clock.on_progress
                )
                sliced = await self.engine.slice(job)
            with clock.stage(Stage.EXTRACT):
                metrics = await complete_in_thread(
                    extract_metrics, sliced.gcode, sliced.member, sliced.expected
                )
        rating = complexity(part, metrics)
        return Quote(
            order=order,
            download=download,
            part=part,
            engine=sliced.engine,
            metrics=metrics,
            complexity=rating,
            price=price(metrics, order, rating, self.tariff),
            warnings=part.warnings + sliced.warnings + metrics.warnings,
        )

    async def _inspect(self, order: Order, model: Path, folder: Path, clean: Path) -> Part:
        """Judges the model; one of surfaces instead of triangles is converted first."""
        inspect = functools.partial(
            inspect_model,
            destination=clean,
            volume=self.profiles.build_volume,
            max_triangles=self.max_triangles,
            orientation=order.orientation,
            layer_height_mm=float(order.print_settings.layer_thickness.height_mm),
            line_width_mm=self.profiles.line_width_mm(order.print_settings),
        )
        if not is_step(model):
            return await complete_in_thread(inspect, model, unit=order.unit)
        if self.converter is None:
            raise ModelFormat("STEP files cannot be read on this server. Export the part as STL.")
        converting = folder / "convert"
        converting.mkdir()
        conversion = await self.converter.convert(model, converting, folder / "converted.stl")
        part = await complete_in_thread(inspect, conversion.path, unit=None)
        return replace(part, format=STEP, warnings=conversion.warnings + part.warnings)


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    """A full disk is a named failure, wherever a stage meets it."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise WorkspaceFull(
            "The service has no room to work at the moment. Try again later.",
            retry_after_s=10,
            log_detail=str(error),
        ) from error

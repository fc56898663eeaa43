"""Slice results: each is looked up, and made once for all who ask for it at the same time.

    look in the cache -> share the work of others -> take a slot -> slice -> extract -> remember

The callers say what is sliced: a part by itself, or a plate of copies.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pricing_fdm.concurrency.completion import complete_in_thread
from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.model import Download, Metrics, Order, PrintSettings, Slice, SliceResult
from pricing_fdm.quoting.admission import Admission, SlotDeadline
from pricing_fdm.quoting.cache.key import key_of
from pricing_fdm.quoting.cache.result_cache import ResultCache
from pricing_fdm.quoting.full_disk import disk_errors, full_disk_unblamed
from pricing_fdm.quoting.inspection import Inspection
from pricing_fdm.quoting.inspector import Inspector
from pricing_fdm.quoting.job_admission import JobAdmission
from pricing_fdm.quoting.quarantine import Quarantine
from pricing_fdm.quoting.single_flight import SingleFlight
from pricing_fdm.quoting.timing import ProgressListener, Stage, StageTimer
from pricing_fdm.quoting.workshop import Plan
from pricing_fdm.quoting.workspace import Workspace
from pricing_fdm.slicers.engine import SliceJob

Work: TypeAlias = Callable[[ProgressListener], Coroutine[Any, Any, SliceResult]]
"""Makes a slice result, and reports how far it is."""


@dataclass(frozen=True, slots=True)
class FetchedModel:
    """A model in a folder of its own, for as long as its prices are worked out."""

    download: Download
    workspace: Workspace
    inspection: Inspection
    slot_deadline: SlotDeadline


@dataclass(frozen=True, slots=True)
class Sliced:
    """The slice result of one part by itself, and the question that it answers.

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


@dataclass(frozen=True, slots=True)
class ToSlice:
    """A file that is ready for the slicer.

    Attributes:
        key: Of the result; the run's folder is named by it.
        file: The clean STL, or the 3MF of a plate.
        suspect: What the quarantine holds to account when the slicer fails.
        folder: Where the run's folder is made.
    """

    key: str
    file: Path
    settings: PrintSettings
    plan: Plan
    suspect: str
    folder: Path
    slot_deadline: SlotDeadline


SliceListener: TypeAlias = Callable[[Sliced], Awaitable[None]]
"""Called for each slice; the price waits for it, and it raises nothing."""


async def unheard(_: Sliced) -> None:
    """The default listener, which does nothing."""


@dataclass(frozen=True, slots=True)
class Slicing:
    """What slice results are made with; a part of the pipeline.

    Attributes:
        in_background: The slices of others go first.
        on_slice: Called for each slice of a part that the planned engine made.
    """

    admission: Admission | JobAdmission
    inspector: Inspector
    results: ResultCache
    quarantine: Quarantine
    single_flight: SingleFlight[SliceResult]
    in_background: bool
    on_slice: SliceListener = unheard

    def part_key(self, plan: Plan, order: Order, sha256: str) -> str:
        """The key of the result of one part by itself: equal keys mean equal figures."""
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

    async def result(
        self, key: str, suspect: str, timer: ProgressListener, work: Work
    ) -> tuple[SliceResult, bool]:
        """The result of this key, and whether it was known.

        Equal questions at the same time share one slice.
        """
        result = await self.results.lookup(key)
        if result is not None:
            return result, True
        self.results.raise_if_refused(key)
        self.quarantine.raise_if_held(suspect)
        self.results.count_slice(shared=key in self.single_flight)
        return await self.single_flight.run(key, timer, work), False

    async def part(
        self, plan: Plan, order: Order, model: FetchedModel, timer: StageTimer
    ) -> Sliced:
        """The result of one part by itself."""
        sha256 = model.download.sha256
        key = self.part_key(plan, order, sha256)

        async def work(listener: ProgressListener) -> SliceResult:
            # Others may wait for this result after the caller who brought the model has left.
            with model.workspace.held() as folder, disk_errors(), self.results.refusals_of(key):
                listener.enter(Stage.INSPECT)
                async with model.inspection.inspected(plan.setup) as inspected:
                    settings = inspected.settings(order.print_settings)
                    deadline = model.slot_deadline
                    sliced, metrics = await self.sliced(
                        ToSlice(key, inspected.stl, settings, plan, sha256, folder, deadline),
                        listener,
                    )
                    part = await inspected.part()
                result = SliceResult(part, sliced.engine, metrics, sliced.warnings)
                await self.remember(key, plan, result)
                if not _is_of_fallback(result, plan):
                    await self.on_slice(Sliced(key, sha256, plan, order, result, cached=False))
                return result

        result, cached = await self.result(key, sha256, timer, work)
        return Sliced(key, sha256, plan, order, result, cached)

    async def sliced(self, job: ToSlice, listener: ProgressListener) -> tuple[Slice, Metrics]:
        """Takes a slot, slices and extracts."""
        listener.enter(Stage.QUEUE)
        with await self.admission.take_slot(job.slot_deadline):
            listener.enter(Stage.SLICE)
            prepared = SliceJob.prepared(
                job.file,
                job.settings,
                job.plan.presets,
                _unused(job.folder, f"slice-{job.key}"),
                sharers=self.admission.sharers,
                on_progress=listener.progress,
                in_background=self.in_background,
            )
            with self.quarantine.watch(job.suspect), full_disk_unblamed(prepared.folder):
                sliced = await job.plan.engine.slice(prepared)
        listener.enter(Stage.EXTRACT)
        return sliced, await complete_in_thread(
            extract_metrics, sliced.gcode, sliced.member, sliced.expected, sliced.folder
        )

    async def remember(self, key: str, plan: Plan, result: SliceResult) -> None:
        """Keeps a result, unless it is a fallback's."""
        if not _is_of_fallback(result, plan):
            await self.results.remember(key, result)


def _is_of_fallback(result: SliceResult, plan: Plan) -> bool:
    """Whether another slicer than the planned one gave the figures."""
    return result.engine.name != plan.engine.name


def _unused(folder: Path, name: str) -> Path:
    """A name in the folder that no earlier run has: one that failed may be tried again."""
    tries = (folder / f"{name}{'-again' * number}" for number in itertools.count())
    return next(path for path in tries if not path.exists())

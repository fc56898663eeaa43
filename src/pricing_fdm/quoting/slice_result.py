"""Finds out what a quote needs about a model: remembered, or inspected, sliced and extracted.

Equal questions that are asked at the same time are answered by one slice. What was found out is
remembered, and so, for a short time, is a refusal that is the model's own fault. What failed by
ours is forgotten at once.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pricing_fdm.concurrency.completion import complete_in_thread
from pricing_fdm.errors import ModelError, ResultIncomplete, SlicerCrashed
from pricing_fdm.gcode.density import with_density
from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.model import Download, Metrics, Order, Slice, SliceResult
from pricing_fdm.quoting.admission import Admission, SlotDeadline
from pricing_fdm.quoting.cache.key import key_of
from pricing_fdm.quoting.cache.result_cache import Result, ResultCache
from pricing_fdm.quoting.inspection import Inspection, Inspector, Prepared
from pricing_fdm.quoting.quarantine import Quarantine
from pricing_fdm.quoting.single_flight import SingleFlight
from pricing_fdm.quoting.timing import ProgressListener, Stage
from pricing_fdm.quoting.workspace import Workspace, no_room
from pricing_fdm.slicers.engine import Engine, SliceJob

_LEAST_FREE_BYTES = 1024**2


@dataclass(frozen=True, slots=True)
class Model:
    """A model that was brought.

    Attributes:
        folder: Where it lies and is worked on.
        patience: Of the request that brought it.
    """

    download: Download
    folder: Workspace
    inspection: Inspection
    patience: SlotDeadline


@dataclass(frozen=True, slots=True)
class Findings:
    """Finds out, with what it is given once at start."""

    admission: Admission
    memory: ResultCache
    poison: Quarantine
    inspector: Inspector
    engine: Engine
    flights: SingleFlight[SliceResult] = field(default_factory=SingleFlight)

    def key(self, order: Order, sha256: str) -> str:
        """Names the question: the same for all orders of these bytes that one slice answers."""
        inspector, converter = self.inspector, self.inspector.converter
        return key_of(
            {
                "model": sha256,
                "way": str(inspector.way(order)),
                "volume": str(inspector.profiles.build_volume),
                "max_triangles": inspector.max_triangles,
                "converter": converter.version if converter else "none",
                "slice": self.engine.slice_key(order.print_settings),
            }
        )

    async def recall(self, key: str) -> SliceResult | None:
        """What is remembered, None if the question is new."""
        finding = await self.memory.finding(key)
        if finding is not None:
            self.memory.counts[Result.HIT] += 1
        return finding

    async def find(
        self, key: str, order: Order, model: Model, tell: ProgressListener
    ) -> SliceResult:
        """Finds out what is not remembered.

        Raises:
            PricingError: As the stage that failed says, or as it said a short time ago.
        """
        refusal = self.memory.refusal(key)
        if refusal is not None:
            self.memory.counts[Result.REFUSED] += 1
            raise refusal
        self.poison.refuse_known(model.download.sha256)
        self.memory.counts[Result.SHARED if key in self.flights else Result.MISS] += 1
        return await self.flights.join(
            key, tell, lambda chorus: self._find_out(key, order, model, chorus)
        )

    def weighed(self, finding: SliceResult, order: Order) -> SliceResult:
        """The finding with the order's own filament, where it was sliced with another."""
        settings, profiles = order.print_settings, self.inspector.profiles
        profile_hash = self.engine.info(settings).profile_hash
        if finding.engine.profile_hash == profile_hash:
            return finding
        metrics = with_density(
            finding.metrics,
            diameter_mm=profiles.diameter_mm(settings.material),
            density_g_cm3=profiles.density_g_cm3(settings.material),
        )
        engine = replace(finding.engine, profile_hash=profile_hash)
        return replace(finding, engine=engine, metrics=metrics)

    async def _find_out(
        self, key: str, order: Order, model: Model, tell: ProgressListener
    ) -> SliceResult:
        # Another caller may wait for this when the one who brought the model has left.
        with model.folder.held(), disk_errors():
            tell.enter(Stage.INSPECT)
            with self._refusals_of(key):
                prepared = await model.inspection.part(self.inspector.way(order))
            try:
                sliced, metrics = await self._figures(key, order, model, prepared, tell)
                finding = SliceResult(
                    await prepared.part(), sliced.engine, metrics, sliced.warnings
                )
            finally:
                await prepared.settled()
            if sliced.engine.name == self.engine.name:  # a fallback helps out once
                await self.memory.remember(key, finding)
            return finding

    async def _figures(
        self, key: str, order: Order, model: Model, prepared: Prepared, tell: ProgressListener
    ) -> tuple[Slice, Metrics]:
        slicing = model.folder.path / f"slice-{key}"
        tell.enter(Stage.QUEUE)
        with await self.admission.take_slot(model.patience):
            tell.enter(Stage.SLICE)
            job = SliceJob(
                _linked(prepared.stl, slicing),
                order.print_settings,
                slicing,
                sharers=self.admission.sharers,
                on_progress=tell.progress,
            )
            with self.poison.watched(model.download.sha256), self._refusals_of(key):
                sliced = await self._slice(job)
        tell.enter(Stage.EXTRACT)
        metrics = await complete_in_thread(
            extract_metrics, sliced.gcode, sliced.member, sliced.expected
        )
        return sliced, metrics

    async def _slice(self, job: SliceJob) -> Slice:
        """Slices; a slicer that had no room to write is not the model's fault, nor its own."""
        try:
            return await self.engine.slice(job)
        except (SlicerCrashed, ResultIncomplete) as error:
            if shutil.disk_usage(job.folder).free >= _LEAST_FREE_BYTES:
                raise
            raise no_room(f"while slicing: {error.log_detail}") from error

    @contextlib.contextmanager
    def _refusals_of(self, key: str) -> Iterator[None]:
        try:
            yield
        except ModelError as error:
            self.memory.remember_refusal(key, error)
            raise


class Recalled:
    """What is remembered about the orders of one visit; looked up once for each question."""

    def __init__(self, findings: Findings, orders: Sequence[Order]) -> None:
        self._findings = findings
        self._orders = orders
        self._keys: dict[str, list[str]] = {}
        self._found: dict[str, SliceResult | None] = {}

    async def is_known(self, sha256: str) -> bool:
        """Whether no order needs the model's bytes."""
        return not await self.new_orders(sha256)

    async def new_orders(self, sha256: str) -> list[Order]:
        """Those that ask something which is not remembered."""
        keys = self.keys(sha256)
        for key in keys:
            if key not in self._found:
                self._found[key] = await self._findings.recall(key)
        return [
            order for key, order in zip(keys, self._orders, strict=True) if self._found[key] is None
        ]

    def keys(self, sha256: str) -> list[str]:
        """The names of what the orders ask about these bytes."""
        if sha256 not in self._keys:
            self._keys[sha256] = [self._findings.key(order, sha256) for order in self._orders]
        return self._keys[sha256]

    def finding(self, key: str) -> SliceResult | None:
        """What is remembered under the key of one of the orders."""
        return self._found[key]


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """A full disk is a named failure, wherever a stage meets it."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise no_room(str(error)) from error


def _linked(clean: Path, folder: Path) -> Path:
    """The clean STL in the folder that the slicer works in: it sees no other."""
    folder.mkdir()
    stl = folder / "model.stl"
    os.link(clean, stl)
    return stl

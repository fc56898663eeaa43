"""Builds what prices a part, by hand, in order: used by the service and by the commands alike.

A missing slicer or a faulty profile does not raise. What can be built is built, and the readiness
holds the reason, so that the service lives and says what is wrong with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from pricing_fdm.health.readiness import SELF_TEST, Check, Readiness
from pricing_fdm.health.self_test import Proof, SelfTest, self_test
from pricing_fdm.mesh.step.converter import StepConverter
from pricing_fdm.pricing.tariff import Tariff
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.cache.result_cache import ResultCache, SharedStore
from pricing_fdm.quoting.inspection import Inspector
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.quoting.quarantine import Quarantine
from pricing_fdm.quoting.workspace import Workspaces
from pricing_fdm.sandbox.probe import find_sandbox
from pricing_fdm.sandbox.process import ProgramUnavailable, adopt_orphans, strays_reaped
from pricing_fdm.sandbox.sandbox import Sandbox
from pricing_fdm.settings import Settings
from pricing_fdm.settings.slicing import OrcaDisplay, OrcaResult, Slicing
from pricing_fdm.slicers.engine import Engine, EngineSetup, SlicerUnavailable
from pricing_fdm.slicers.fallback import FallbackEngine
from pricing_fdm.slicers.orca.display import VirtualDisplay
from pricing_fdm.slicers.presets.preset_set import ProfileError, ProfileSet, load_profiles
from pricing_fdm.slicers.registry import find_engine

_LEAST_FREE_BYTES = 64 * 1024**2
_STEP = "step"


@dataclass(frozen=True, slots=True)
class Assembly:
    """The parts that price.

    Attributes:
        pipeline: None when there is no slicer or no valid profile, or nothing is sliced here.
        profiles: None when they are not valid.
        cage: In which the slicer runs; None when that is not known.
        swept: Folders of dead services that were removed at start.
    """

    admission: Admission
    readiness: Readiness
    tariff: Tariff
    profiles: ProfileSet | None
    pipeline: Pipeline | None
    cage: Sandbox | None
    swept: int

    @property
    def fallbacks(self) -> int:
        """How often the second slicer was tried."""
        engine = self.pipeline.engine if self.pipeline else None
        return engine.fallbacks if isinstance(engine, FallbackEngine) else 0

    @property
    def poison_refusals(self) -> int:
        """How often a file was refused because the slicer had failed at it before."""
        return self.pipeline.quarantine.refusals if self.pipeline else 0

    @property
    def cache_results(self) -> dict[str, int]:
        """How often each answer came from memory, and how often not."""
        return (self.pipeline.results if self.pipeline else ResultCache.none()).totals()

    def share_results(self, shelf: SharedStore) -> None:
        """Shares what is found out with other processes, from now on."""
        if self.pipeline is not None:
            self.pipeline.results.share(shelf)

    @property
    def strays_reaped(self) -> int:
        """How many processes had escaped from the slicer's and were ended."""
        return strays_reaped()

    async def prove(self) -> SelfTest:
        """Prices the test cube and remembers in `readiness` how that went.

        Without a pipeline there is nothing to prove, and nothing that a second try would mend.
        The cube is never refused for earlier failures; when it fails, the slicer is at fault, and
        what was held against other files meanwhile is forgotten. A test that could not be made
        leaves an earlier good one as it is.
        """
        if self.pipeline is None:
            return SelfTest(Proof.GOOD, "nothing is sliced here")
        try:
            test, _ = await asyncio.gather(_self_test(self.pipeline), self._prove_converter())
        except Exception as error:  # noqa: BLE001 - the outermost edge of a background task
            test = SelfTest(Proof.UNDECIDED, f"broken off by {error!r}")
            self.readiness.set(Check(SELF_TEST, ok=False, detail=test.detail))
        if test.proof is not Proof.UNDECIDED or not self.readiness.is_proved():
            self.readiness.set(Check(SELF_TEST, ok=test.proof is Proof.GOOD, detail=test.detail))
        if test.proof is Proof.FAILED:
            self.pipeline.quarantine.forget_all()
        return test

    async def _prove_converter(self) -> None:
        converter = self.pipeline.inspector.converter if self.pipeline else None
        if converter is not None:
            obstacle = await converter.obstacle()
            detail = f"read with cascadio {converter.version}"
            read = Check(_STEP, ok=True, detail=detail, needed=False)
            self.readiness.set(_without_step(obstacle) if obstacle else read)


async def _self_test(pipeline: Pipeline) -> SelfTest:
    """Tests every slicer by itself: a fallback is for models and must not hide a broken slicer."""
    engine = pipeline.engine
    if isinstance(engine, FallbackEngine):
        first = await _self_test(_with(pipeline, engine.first))
        if first.proof is not Proof.GOOD:
            return first
        return await _self_test(_with(pipeline, engine.second))
    return await self_test(_with(pipeline, engine))


def _with(pipeline: Pipeline, engine: Engine) -> Pipeline:
    """The same with another engine, and without a memory of what was."""
    return replace(
        pipeline, engine=engine, results=ResultCache.none(), quarantine=Quarantine(remember_s=0)
    )


@contextlib.asynccontextmanager
async def assemble(settings: Settings) -> AsyncIterator[Assembly]:
    """Builds the parts and takes them down again."""
    adopt_orphans()
    workspaces = Workspaces(settings.slicing.temp_dir, least_free_bytes=_LEAST_FREE_BYTES)
    admission = Admission(
        slots=settings.queue.slice_concurrency,
        places=settings.queue.places,
        wait_s=settings.queue.queue_wait_secs,
    )
    readiness = Readiness(workspaces, lambda: admission.draining)
    slices_here = not settings.jobs.gateway_only
    if slices_here:
        readiness.set(Check(SELF_TEST, ok=False, detail="not done yet"))
    swept, tariff = workspaces.sweep(), settings.rates.tariff()
    async with contextlib.AsyncExitStack() as stack:
        profiles = _load_profiles(settings.slicing, readiness)
        engine, cage = None, None
        if profiles is not None and slices_here:
            engine, cage = await _find_engine(settings.slicing, profiles, readiness, stack)
        pipeline = None
        if profiles is not None and engine is not None and cage is not None:
            inspector = Inspector(
                converter=_create_converter(settings, cage, readiness),
                profiles=profiles,
                max_triangles=settings.slicing.max_triangles,
            )
            pipeline = Pipeline(
                admission=admission,
                workspaces=workspaces,
                inspector=inspector,
                engine=engine,
                results=ResultCache(
                    max_bytes=settings.cache.memory_bytes,
                    ttl_s=settings.cache.cache_ttl_secs,
                    refusal_ttl_s=settings.cache.cache_failure_secs,
                ),
                quarantine=Quarantine(remember_s=settings.slicing.poison_secs),
                tariff=tariff,
            )
        yield Assembly(admission, readiness, tariff, profiles, pipeline, cage, swept)


def _check_display(display: VirtualDisplay) -> Check:
    state = "runs" if display.alive else "has ended; restart the service"
    return Check("display", ok=display.alive, detail=f"Xvfb on {display.name} {state}")


def _load_profiles(slicing: Slicing, readiness: Readiness) -> ProfileSet | None:
    try:
        profiles = load_profiles(slicing.orca_profiles_dir)
    except ProfileError as error:
        readiness.set(Check("profiles", ok=False, detail="; ".join(error.faults)))
        return None
    readiness.set(Check("profiles", ok=True, detail=f"read from {slicing.orca_profiles_dir}"))
    return profiles


async def _find_engine(
    slicing: Slicing,
    profiles: ProfileSet,
    readiness: Readiness,
    stack: contextlib.AsyncExitStack,
) -> tuple[Engine | None, Sandbox | None]:
    try:
        display = await _start_display(slicing, readiness, stack)
    except SlicerUnavailable as error:
        readiness.set(Check("slicer", ok=False, detail=str(error)))
        return None, None

    async def start(cage: Sandbox) -> Engine:
        setup = EngineSetup(
            profiles,
            replace(slicing.limits(), cage=cage),
            reproducible=slicing.slice_reproducible,
            gcode_only=slicing.orca_result is OrcaResult.GCODE,
            display=display,
        )
        return await find_engine(
            slicing.slicer,
            setup,
            binaries={"orca": slicing.orca_binary, "prusa": slicing.prusa_binary},
            fallback=slicing.slicer_fallback,
        )

    finding = await find_sandbox(slicing.sandbox, start)
    readiness.set(Check("sandbox", ok=finding.cage is not None, detail=finding.detail))
    if finding.started is not None:
        readiness.set(Check("slicer", ok=True, detail=_name(finding.started)))
    elif finding.obstacle is not None:
        readiness.set(Check("slicer", ok=False, detail=finding.obstacle))
    return finding.started, finding.cage


def _create_converter(
    settings: Settings, cage: Sandbox, readiness: Readiness
) -> StepConverter | None:
    """Without it the service is ready all the same, and refuses STEP files."""
    slicing = settings.slicing
    try:
        converter = StepConverter.create(
            replace(slicing.convert_limits(), cage=cage),
            max_triangles=slicing.max_triangles,
            at_once=settings.queue.slice_concurrency,
        )
    except ProgramUnavailable as error:
        readiness.set(_without_step(str(error)))
        return None
    readiness.set(Check(_STEP, ok=False, detail="not tried yet", needed=False))
    return converter


def _without_step(obstacle: str) -> Check:
    return Check(_STEP, ok=False, detail=f"STEP files are refused: {obstacle}", needed=False)


async def _start_display(
    slicing: Slicing, readiness: Readiness, stack: contextlib.AsyncExitStack
) -> str | None:
    if slicing.orca_display is not OrcaDisplay.XVFB:
        return None
    display = await VirtualDisplay.start()
    stack.callback(display.stop)
    readiness.watch(functools.partial(_check_display, display))
    return display.name


def _name(engine: Engine) -> str:
    if isinstance(engine, FallbackEngine):
        second = engine.second
        return f"{engine.name} {engine.version}, where it crashes {second.name} {second.version}"
    return f"{engine.name} {engine.version}"

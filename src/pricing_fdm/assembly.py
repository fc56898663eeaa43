"""Builds what prices a part, by hand, in order: used by the service and by the commands alike.

A missing slicer or a faulty profile does not raise. What can be built is built, and the readiness
holds the reason, so that the service lives and says what is wrong with it.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from pricing_fdm.admission import Admission
from pricing_fdm.cad.converter import StepConverter
from pricing_fdm.health import SELF_TEST, Check, Readiness, self_test
from pricing_fdm.pipeline import Pipeline
from pricing_fdm.poison import Poison
from pricing_fdm.pricing.tariff import Tariff
from pricing_fdm.processes.cage import Cage
from pricing_fdm.processes.cage_probe import find_cage
from pricing_fdm.processes.process import ProgramUnavailable, adopt_orphans, strays_reaped
from pricing_fdm.settings import Settings
from pricing_fdm.settings.slicing import OrcaDisplay, Slicing
from pricing_fdm.slicer.display import VirtualDisplay
from pricing_fdm.slicer.engine import Engine, SlicerUnavailable
from pricing_fdm.slicer.fallback import FallbackEngine
from pricing_fdm.slicer.find import find_engine
from pricing_fdm.slicer.profiles import ProfileError, ProfileSet, load_profiles
from pricing_fdm.workspace import Workspaces

_LEAST_FREE_BYTES = 64 * 1024**2


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
    cage: Cage | None
    swept: int

    @property
    def fallbacks(self) -> int:
        """How often the second slicer was tried."""
        engine = self.pipeline.engine if self.pipeline else None
        return engine.fallbacks if isinstance(engine, FallbackEngine) else 0

    @property
    def poison_refusals(self) -> int:
        """How often a file was refused because the slicer had failed at it before."""
        return self.pipeline.poison.refusals if self.pipeline else 0

    @property
    def strays_reaped(self) -> int:
        """How many processes had escaped from the slicer's and were ended."""
        return strays_reaped()

    async def prove(self) -> bool:
        """Prices the test cube and remembers in `readiness` how that went.

        Without a pipeline there is nothing to prove, and nothing that a second try would mend.
        The cube is never refused for earlier failures; when it fails, the slicer is at fault, and
        what was held against other files meanwhile is forgotten.
        """
        if self.pipeline is None:
            return True
        try:
            finding = await _self_test(self.pipeline)
        except Exception as error:  # noqa: BLE001 - the outermost edge of a background task
            finding = Check(SELF_TEST, ok=False, detail=f"failed by {error!r}")
        if finding is not None:
            self.readiness.set(finding)
            if not finding.ok:
                self.pipeline.poison.forget_all()
        return self.readiness.is_proved()


async def _self_test(pipeline: Pipeline) -> Check | None:
    """Tests every slicer by itself: a fallback is for models and must not hide a broken slicer."""
    engine = pipeline.engine
    if isinstance(engine, FallbackEngine):
        first = await _self_test(replace(pipeline, engine=engine.first))
        if first is None or not first.ok:
            return first
        return await _self_test(replace(pipeline, engine=engine.second))
    return await self_test(replace(pipeline, poison=Poison(remember_s=0)))


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
            pipeline = Pipeline(
                admission=admission,
                workspaces=workspaces,
                poison=Poison(remember_s=settings.slicing.poison_secs),
                engine=engine,
                converter=await _find_converter(settings, cage, readiness),
                profiles=profiles,
                tariff=tariff,
                max_triangles=settings.slicing.max_triangles,
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
) -> tuple[Engine | None, Cage | None]:
    try:
        display = await _start_display(slicing, readiness, stack)
    except SlicerUnavailable as error:
        readiness.set(Check("slicer", ok=False, detail=str(error)))
        return None, None

    async def start(cage: Cage) -> Engine:
        return await find_engine(
            slicing.slicer,
            fallback=slicing.slicer_fallback,
            orca_binary=slicing.orca_binary,
            prusa_binary=slicing.prusa_binary,
            profiles=profiles,
            limits=replace(slicing.limits(), cage=cage),
            display=display,
        )

    finding = await find_cage(slicing.sandbox, start)
    readiness.set(Check("sandbox", ok=finding.cage is not None, detail=finding.detail))
    if finding.started is not None:
        readiness.set(Check("slicer", ok=True, detail=_name(finding.started)))
    elif finding.obstacle is not None:
        readiness.set(Check("slicer", ok=False, detail=finding.obstacle))
    return finding.started, finding.cage


async def _find_converter(
    settings: Settings, cage: Cage, readiness: Readiness
) -> StepConverter | None:
    """Without it the service is ready all the same, and refuses STEP files."""
    slicing = settings.slicing
    try:
        converter = await StepConverter.find(
            replace(slicing.convert_limits(), cage=cage),
            max_triangles=slicing.max_triangles,
            at_once=settings.queue.slice_concurrency,
        )
    except ProgramUnavailable as error:
        readiness.set(Check("step", ok=True, detail=f"STEP files are refused: {error}"))
        return None
    readiness.set(Check("step", ok=True, detail=f"read with cascadio {converter.version}"))
    return converter


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

"""Builds what prices a part: the same for the service, the worker and the commands.

A missing slicer or a faulty profile does not raise. What can be built is built, and `readiness`
holds the reason, so that the service lives and says what is wrong with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor
from pricing_fdm.estimate.labels import LabelFile
from pricing_fdm.fetch.download import Fetcher
from pricing_fdm.health.readiness import SELF_TEST, Check, Readiness, is_ready
from pricing_fdm.health.self_test import Proof, prove
from pricing_fdm.health.shop_reload import SHOP, ShopInForce, ShopState
from pricing_fdm.health.shop_versions import ShopVersions
from pricing_fdm.health.step_check import create_converter
from pricing_fdm.jobs.attempt import MOST_ATTEMPTS
from pricing_fdm.mesh.child.model_reader import ModelReader
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.backlog import Backlog
from pricing_fdm.quoting.cache.result_cache import ResultCache, SharedStore
from pricing_fdm.quoting.estimate_record import EstimateRecord
from pricing_fdm.quoting.inspector import Inspector
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.quoting.quarantine import Quarantine
from pricing_fdm.quoting.workshop import Workshop
from pricing_fdm.quoting.workspace import Workspaces
from pricing_fdm.sandbox.probe import find_sandbox
from pricing_fdm.sandbox.process import adopt_orphans
from pricing_fdm.sandbox.sandbox import Sandbox
from pricing_fdm.sandbox.user import other_user
from pricing_fdm.settings import Settings
from pricing_fdm.settings.fetch import Fetch
from pricing_fdm.settings.group import MIB
from pricing_fdm.settings.shop import ShopSettings
from pricing_fdm.settings.slicing import OrcaDisplay, OrcaResult, Slicing
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop_loading import ShopLoader, workshop_of
from pricing_fdm.shop_source import shop_source
from pricing_fdm.slicers.engine import Engine, EngineSetup, SlicerUnavailable
from pricing_fdm.slicers.fallback import FallbackEngine
from pricing_fdm.slicers.orca.display import VirtualDisplay
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop
from pricing_fdm.slicers.registry import Engines
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.state_metrics import StateMetrics
from pricing_fdm.uploads.shop_versions import Keep

_LEAST_FREE_BYTES = 64 * 1024**2

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Assembly:
    """What prices.

    Attributes:
        shops: Which shop is in force, and the pipeline for it; without one when there is no slicer,
            the slicers cannot do what the shop offers, or nothing is sliced here.
        versions: Those of the shop.
        state: What the metrics read at each scrape.
        estimates: What is estimated and sliced, each to check the other.
        swept: How many folders of dead services were removed at start.
    """

    admission: Admission
    workspaces: Workspaces
    readiness: Readiness
    shops: ShopInForce
    versions: ShopVersions
    state: StateMetrics
    estimates: EstimateRecord
    swept: int

    @property
    def pipeline(self) -> Pipeline | None:
        """That of the shop in force."""
        return self.shops.current.pipeline


@contextlib.asynccontextmanager
async def assemble(
    settings: Settings,
    loaded: LoadedShop,
    store: SharedStore | None = None,
    backlog: Backlog | None = None,
    notes: SharedStore | None = None,
) -> AsyncIterator[Assembly]:
    """Builds what prices for a shop, and takes it down again.

    Args:
        settings: Of the service, worker or command.
        loaded: The shop at start.
        store: Holds results that processes share.
        backlog: What waits at the printers; left out: this process alone knows.
        notes: Holds what processes estimated and sliced; left out: this process alone knows.
    """
    log_shop(settings.shop, loaded)
    adopt_orphans()
    slicing, queue, cache = settings.slicing, settings.queue, settings.cache
    slices_here = not settings.jobs.gateway_only
    workspaces = Workspaces(
        slicing.temp_dir, least_free_bytes=_LEAST_FREE_BYTES, report=_log_unremoved
    )
    swept = workspaces.sweep()
    admission = Admission(
        slots=queue.slice_concurrency, places=queue.places, wait_s=queue.queue_wait_secs
    )
    results = ResultCache(
        max_bytes=cache.memory_bytes,
        ttl_s=cache.cache_ttl_secs,
        refusal_ttl_s=cache.cache_failure_secs,
        store=store,
    )
    quarantine = Quarantine(remember_s=slicing.poison_secs)
    readiness = Readiness(workspaces, admission)
    if slices_here:
        readiness.set(Check(SELF_TEST, ok=False, detail="not done yet"))
    readiness.set(Check("profiles", ok=True, detail="read and checked"))
    readiness.set(Check(SHOP, ok=True, detail=f"{loaded.shop.version} is in force"))
    engines, sandbox, pipeline, estimates = None, None, None, _estimates(notes, slicing)
    async with contextlib.AsyncExitStack() as stack:
        if slices_here:
            engines, sandbox = await _find_engines(slicing, loaded, readiness, stack)
        workshop = None if engines is None else await _workshop(loaded, engines, readiness)
        if workshop is not None and sandbox is not None:
            converter = create_converter(
                replace(slicing.convert_limits(), sandbox=sandbox),
                readiness,
                max_triangles=slicing.max_triangles,
                at_once=queue.slice_concurrency,
            )
            reader = ModelReader(
                replace(slicing.read_limits(), sandbox=sandbox),
                max_triangles=slicing.max_triangles,
                at_once=2 * queue.slice_concurrency,
                report=_report_zygote,
            )
            pipeline = Pipeline(
                admission=admission,
                workspaces=workspaces,
                inspector=Inspector(
                    await stack.enter_async_context(reader), converter, slicing.max_triangles
                ),
                workshop=workshop,
                results=results,
                quarantine=quarantine,
                backlog=backlog or Backlog(),
                on_slice=estimates.sliced,
            )
        source = shop_source(settings)
        loader = ShopLoader(source, engines)
        shops = ShopInForce(ShopState(loaded, pipeline), loader, readiness)
        keep = _keep(settings) if settings.server.admin_tokens else None
        versions = ShopVersions(shops, source.versions, loader, readiness, keep=keep)
        state = StateMetrics(
            admission=admission,
            readiness=readiness,
            results=results,
            quarantine=quarantine,
            engines=engines or (),
            shops=shops,
            sandbox=sandbox,
        )
        yield Assembly(admission, workspaces, readiness, shops, versions, state, estimates, swept)


def _estimates(notes: SharedStore | None, slicing: Slicing) -> EstimateRecord:
    """The record, which adds labels to a file where the settings name one."""
    path = slicing.estimate_labels
    if path is None:
        return EstimateRecord(notes)

    def report(detail: str) -> None:
        _log.warning(logs.ESTIMATE_LABEL_LOST, detail=detail)

    labels = LabelFile(path, slicing.estimate_labels_mb * MIB, report)
    return EstimateRecord(notes, labels.add)


def warn_of_root() -> None:
    """Says at the start that the service need not be root."""
    if os.geteuid() == 0:
        _log.warning(logs.ROOT_UNNEEDED, user_of_programs=other_user() or 0)


def _keep(settings: Settings) -> Keep:
    """Which versions of the shop stay.

    A job expires when its time has passed since it was submitted, or since one of its attempts.
    """
    needed_s = (1 + MOST_ATTEMPTS) * settings.jobs.result_ttl_secs
    return Keep(settings.shop.shop_versions_kept, needed_s)


def _log_unremoved(folder: Path, error: OSError) -> None:
    _log.warning(logs.FOLDER_UNREMOVED, folder=str(folder), error=str(error))


async def _workshop(loaded: LoadedShop, engines: Engines, readiness: Readiness) -> Workshop | None:
    try:
        return await workshop_of(loaded, engines)
    except ShopError as error:
        faults = "; ".join(str(fault) for fault in error.faults)
        detail = f"a slicer cannot be told what the presets say: {faults}"
        readiness.set(Check("slicer", ok=False, detail=detail))
        return None


async def _find_engines(
    slicing: Slicing,
    loaded: LoadedShop,
    readiness: Readiness,
    stack: contextlib.AsyncExitStack,
) -> tuple[Engines | None, Sandbox | None]:
    display = None
    if slicing.orca_display is OrcaDisplay.XVFB:
        try:
            display = await VirtualDisplay.start()
        except SlicerUnavailable as error:
            readiness.set(Check("slicer", ok=False, detail=str(error)))
            return None, None
        stack.callback(display.stop)
        readiness.watch(functools.partial(_check_display, display))

    async def start(sandbox: Sandbox) -> Engines:
        setup = EngineSetup(
            replace(slicing.limits(), sandbox=sandbox),
            reproducible=slicing.slice_reproducible,
            gcode_only=slicing.orca_result is OrcaResult.GCODE,
            display=display.name if display else None,
        )
        engines = Engines(
            slicing.slicer,
            setup,
            binaries={"orca": slicing.orca_binary, "prusa": slicing.prusa_binary},
            fallback=slicing.slicer_fallback,
        )
        for printer in loaded.printers:
            await engines.named(printer.engine)
        return engines

    probed = await find_sandbox(slicing.sandbox, start)
    readiness.set(Check("sandbox", ok=probed.sandbox is not None, detail=probed.detail))
    if probed.started is not None:
        readiness.set(Check("slicer", ok=True, detail=", ".join(map(_name, probed.started))))
    elif probed.obstacle is not None:
        readiness.set(Check("slicer", ok=False, detail=probed.obstacle))
    return probed.started, probed.sandbox


def _report_zygote(detail: str) -> None:
    _log.error(logs.MODEL_READER_DIED, detail=detail)


def _check_display(display: VirtualDisplay) -> Check:
    state = "runs" if display.alive else "has ended; restart the service"
    return Check("display", ok=display.alive, detail=f"Xvfb on {display.name} {state}")


def _name(engine: Engine) -> str:
    if isinstance(engine, FallbackEngine):
        second = engine.second
        return f"{engine.name} {engine.version}, where it crashes {second.name} {second.version}"
    return f"{engine.name} {engine.version}"


def log_shop(settings: ShopSettings, loaded: LoadedShop) -> None:
    """Says which shop is in force, what outweighs its file, and what is probably not meant."""
    shop = loaded.shop
    folder = str(shop.folder)
    outweighed_by = settings.outweighing()
    _log.info(
        logs.SHOP_LOADED, shop_version=shop.version, folder=folder, outweighed_by=outweighed_by
    )
    for warning in loaded.warnings:
        _log.warning(logs.SHOP_CAUTION, caution=str(warning))


@contextlib.asynccontextmanager
async def watching_shop(
    shops: ShopInForce, period_s: float, supervisor: Supervisor
) -> AsyncIterator[None]:
    """Loads the shop again at SIGHUP and, every `period_s` seconds, when its files have changed."""
    loop = asyncio.get_running_loop()
    is_main = threading.current_thread() is threading.main_thread()
    if is_main:  # only there can signals be heard
        loop.add_signal_handler(signal.SIGHUP, shops.ask)
    try:
        watch = functools.partial(shops.watch, period_s)
        async with supervisor.running(BackgroundTask.SHOP_WATCH, watch):
            yield
    finally:
        if is_main:
            loop.remove_signal_handler(signal.SIGHUP)


def create_fetcher(fetch: Fetch) -> Fetcher:
    """What downloads models."""
    policy = fetch.policy()
    for caution in policy.cautions():
        _log.warning(logs.FETCH_POLICY_CAUTION, caution=caution)
    return Fetcher(policy, max_bytes=fetch.max_bytes, total_timeout_s=fetch.request_timeout_secs)


async def prove_and_log(assembly: Assembly) -> Proof:
    """Makes the self-test and logs how it went."""
    test = await prove(assembly.pipeline, assembly.readiness)
    if test.proof is Proof.UNDECIDED:
        _log.warning(logs.SELF_TEST_PUT_OFF, detail=test.detail)
        return test.proof
    checks = assembly.readiness.checks()
    ready = is_ready(checks)
    log = _log.info if ready else _log.error
    log(logs.SELF_TEST_FINISHED, ready=ready, **{check.name: check.detail for check in checks})
    return test.proof

"""Builds what prices a part: the same for the service, the worker and the commands.

A missing slicer or a faulty profile does not raise. What can be built is built, and `readiness`
holds the reason, so that the service lives and says what is wrong with it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from pricing_fdm.engine_search import find_engines
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
from pricing_fdm.sandbox.process import adopt_orphans
from pricing_fdm.settings import Settings
from pricing_fdm.settings.fetch import Fetch
from pricing_fdm.settings.group import MIB
from pricing_fdm.settings.shop import ShopSettings
from pricing_fdm.settings.slicing import Slicing
from pricing_fdm.shared_stores import ALONE, SharedStores
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop_loading import ShopLoader, workshop_of
from pricing_fdm.shop_source import shop_source
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
        backlog: What waits at the printers.
        swept: How many folders of dead services were removed at start.
    """

    admission: Admission
    workspaces: Workspaces
    readiness: Readiness
    shops: ShopInForce
    versions: ShopVersions
    state: StateMetrics
    estimates: EstimateRecord
    backlog: Backlog
    swept: int

    @property
    def pipeline(self) -> Pipeline | None:
        """That of the shop in force."""
        return self.shops.current.pipeline


@contextlib.asynccontextmanager
async def assemble(
    settings: Settings,
    loaded: LoadedShop,
    shared: SharedStores = ALONE,
) -> AsyncIterator[Assembly]:
    """Builds what prices for a shop, and takes it down again.

    Args:
        settings: Of the service, worker or command.
        loaded: The shop at start.
        shared: With other processes.
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
        store=shared.results,
    )
    quarantine = Quarantine(remember_s=slicing.poison_secs)
    readiness = Readiness(workspaces, admission)
    if slices_here:
        readiness.set(Check(SELF_TEST, ok=False, detail="not done yet"))
    readiness.set(Check("profiles", ok=True, detail="read and checked"))
    readiness.set(Check(SHOP, ok=True, detail=f"{loaded.shop.version} is in force"))
    engines, sandbox, pipeline, estimates = None, None, None, _estimates(shared.notes, slicing)
    backlog = Backlog(shared.backlog)
    async with contextlib.AsyncExitStack() as stack:
        if slices_here:
            engines, sandbox = await find_engines(slicing, loaded, readiness, stack)
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
                backlog=backlog,
                on_slice=estimates.sliced,
            )
        source = shop_source(settings)
        loader = ShopLoader(source, engines)
        shops = ShopInForce(ShopState(loaded, pipeline), loader, readiness)
        keep, keeps = _keep(settings), bool(settings.server.admin_tokens)
        versions = ShopVersions(shops, source.versions, loader, readiness, keep, keeps=keeps)
        state = StateMetrics(
            admission=admission,
            readiness=readiness,
            results=results,
            quarantine=quarantine,
            engines=engines or (),
            shops=shops,
            sandbox=sandbox,
        )
        yield Assembly(
            admission=admission,
            workspaces=workspaces,
            readiness=readiness,
            shops=shops,
            versions=versions,
            state=state,
            estimates=estimates,
            backlog=backlog,
            swept=swept,
        )


def _estimates(notes: SharedStore | None, slicing: Slicing) -> EstimateRecord:
    """The record, which adds labels to a file where the settings name one."""
    path = slicing.estimate_labels
    if path is None:
        return EstimateRecord(notes)

    def report(detail: str) -> None:
        _log.warning(logs.ESTIMATE_LABEL_LOST, detail=detail)

    labels = LabelFile(path, slicing.estimate_labels_mb * MIB, report)
    return EstimateRecord(notes, labels.add)


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


def _report_zygote(detail: str) -> None:
    _log.error(logs.MODEL_READER_DIED, detail=detail)


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

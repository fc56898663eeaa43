"""Dashboards and alerts are built on these names; no caller may add a series to them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pricing_fdm import __version__
from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor
from pricing_fdm.errors import SourceRefused
from pricing_fdm.fetch.outcomes import FetchOutcome
from pricing_fdm.model import WARNING_CODES, Download
from pricing_fdm.pricing.review import REASONS
from pricing_fdm.quoting.cache.result_cache import Lookup
from pricing_fdm.quoting.timing import Stage
from pricing_fdm.telemetry.metrics import AdminAction, AdminOutcome, EstimateOutcome, ServiceMetrics
from pricing_fdm.web.problems import STATUS
from tests.harness.qualities import MATERIALS
from tests.slicers.engines import misbehaving
from tests.telemetry.scraped import CODES, families, idle_state, service_metrics, values

TIMING_MS = {
    "download": 40.0,
    "inspect": 10.0,
    "queue": 0.5,
    "slice": 1500.0,
    "extract": 20.0,
    "total": 1600.0,
}


def downloaded(size_bytes: int) -> Download:
    return Download(Path("upload"), size_bytes, "0" * 64)


def after_everything(folder: Path) -> ServiceMetrics:
    """Metrics of a service in which everything has happened that can."""
    metrics = service_metrics(idle_state(misbehaving("prusa", folder)))
    statuses = {200, 499, *(int(status) for status in STATUS.values())}
    for material in (None, *MATERIALS):
        for status in statuses:
            metrics.observe_quote(material=material, status=status, timing_ms=TIMING_MS)
    for code in CODES:
        metrics.count_error(code)
    for verdict in FetchOutcome:
        metrics.count_source(verdict)
    metrics.observe_download(downloaded(684))
    return metrics


def test_every_error_is_there_with_zero_before_it_happens() -> None:
    """An alert on a rate misses the first of a series that begins with 1."""
    assert values(service_metrics(), "pricing_fdm_errors_total") == {(code,): 0.0 for code in CODES}


def test_an_error_is_counted_under_its_code() -> None:
    """And under no other."""
    metrics = service_metrics()
    for code in ("slicer_crashed", "slicer_crashed", "queue_full"):
        metrics.count_error(code)
    counted = values(metrics, "pricing_fdm_errors_total")
    assert {code: count for code, count in counted.items() if count} == {
        ("slicer_crashed",): 2.0,
        ("queue_full",): 1.0,
    }


def test_a_quote_is_counted_once_and_its_stages_are_timed_in_seconds() -> None:
    """The clock gives milliseconds; Prometheus wants base units."""
    metrics = service_metrics()
    metrics.observe_quote(material="abs-esd", status=200, timing_ms=TIMING_MS)
    assert values(metrics, "pricing_fdm_requests_total") == {("abs-esd", "200"): 1.0}
    assert values(metrics, "pricing_fdm_request_duration_seconds_sum") == {(): 1.6}
    assert values(metrics, "pricing_fdm_slice_duration_seconds_sum") == {(): 1.5}
    assert values(metrics, "pricing_fdm_stage_duration_seconds_sum") == {
        (stage.value,): pytest.approx(TIMING_MS[stage] / 1000) for stage in Stage
    }
    within = values(metrics, "pricing_fdm_slice_duration_seconds_bucket")
    assert (within["1.0",], within["2.0",], within["+Inf",]) == (0.0, 1.0, 1.0)


def test_a_request_that_failed_early_counts_no_stage_that_it_did_not_reach() -> None:
    """A zero for a slice that never ran would make slicing look fast."""
    metrics = service_metrics()
    metrics.observe_quote(material=None, status=400, timing_ms={"download": 5.0, "total": 6.0})
    assert values(metrics, "pricing_fdm_requests_total") == {("unknown", "400"): 1.0}
    assert values(metrics, "pricing_fdm_stage_duration_seconds_count") == {("download",): 1.0}
    assert values(metrics, "pricing_fdm_slice_duration_seconds_count") == {(): 0.0}
    assert values(metrics, "pricing_fdm_request_duration_seconds_count") == {(): 1.0}


def test_a_download_is_measured_in_bytes_and_a_failed_one_counted_by_its_verdict() -> None:
    """A refused address must be seen although the caller is told little."""

    async def story() -> None:
        metrics = service_metrics()

        async def fetch(end: Download | Exception) -> Download:
            if isinstance(end, Exception):
                raise end
            return end

        assert await metrics.counted(fetch(downloaded(50_000))) == downloaded(50_000)
        with pytest.raises(SourceRefused):
            await metrics.counted(fetch(SourceRefused("No.", outcome="address_private")))
        assert values(metrics, "pricing_fdm_download_size_bytes_sum") == {(): 50_000.0}
        within = values(metrics, "pricing_fdm_download_size_bytes_bucket")
        assert (within["40960.0",], within["163840.0",]) == (0.0, 1.0)
        assert values(metrics, "pricing_fdm_source_verdicts_total") == {
            ("ok",): 1.0,
            ("address_private",): 1.0,
        }

    asyncio.run(story())


def test_labels_have_closed_sets_of_values(tmp_path: Path) -> None:
    """A label with an id or a URL in it fills the memory of every Prometheus that scrapes us."""
    closed: Mapping[str, set[str]] = {
        "material": {"unknown", *MATERIALS},
        "status": {"200", "499", *(str(int(status)) for status in STATUS.values())},
        "error_type": set(CODES),
        "stage": {stage.value for stage in Stage},
        "result": {result.value for result in Lookup},
        "task": {task.value for task in BackgroundTask},
        "verdict": {"ok", *(outcome.value for outcome in FetchOutcome)},
        "reason": {*REASONS, *WARNING_CODES},
        "version": {__version__},
        "slicer": {"prusa"},
        "slicer_version": {"2.5.0"},
        "level": {"none"},
        "outcome": {"loaded", "unchanged", "refused", *AdminOutcome, *EstimateOutcome},
        "action": {*AdminAction},
        "figure": {"print_time_hours", "filament_weight_g"},
    }
    seen: dict[str, set[str]] = {}
    for family in families(after_everything(tmp_path)):
        for sample in family.samples:
            for label, value in sample.labels.items():
                seen.setdefault(label, set()).add(value)
    bounds = seen.pop("le")
    assert seen == closed
    assert all(float(bound) > 0 for bound in bounds)


def test_names_say_whose_they_are_and_in_which_unit(tmp_path: Path) -> None:
    """Prometheus' conventions: a prefix, base units, `_total` for counters."""
    for family in families(after_everything(tmp_path)):
        assert family.name.startswith("pricing_fdm_")
        assert family.documentation.endswith("."), family.name
        if family.type == "histogram":
            assert family.name.endswith(("_seconds", "_bytes", "_ratio"))
        if family.type == "counter":
            assert {sample.name for sample in family.samples} == {f"{family.name}_total"}


def test_two_services_in_one_process_do_not_count_for_each_other() -> None:
    """Each has a registry of its own, which also keeps out what libraries register globally."""
    one, other = service_metrics(), service_metrics()
    one.count_error("queue_full")
    assert values(other, "pricing_fdm_errors_total")["queue_full",] == 0.0
    assert {family.name.split("_")[0] for family in families(one)} == {"pricing"}


def test_a_background_task_that_dies_is_logged_and_counted_under_its_name() -> None:
    """An alert says which one it was; the log says why."""

    async def story() -> None:
        metrics, fault, died = service_metrics(), FileNotFoundError("gone"), asyncio.Event()

        async def sweep() -> None:
            if died.is_set():
                await asyncio.Event().wait()
            died.set()
            raise fault

        supervisor = Supervisor(metrics.report_background_failure, pause_s=(0, 0))
        with capture_logs() as captured:
            async with supervisor.running(BackgroundTask.UPLOAD_SWEEP, sweep):
                await died.wait()
        assert captured == [
            {
                "event": "background_task_failed",
                "task": "upload_sweep",
                "exc_info": fault,
                "log_level": "error",
            }
        ]
        counted = values(metrics, "pricing_fdm_background_failures_total")
        assert counted == {(task.value,): float(task == "upload_sweep") for task in BackgroundTask}

    asyncio.run(story())

"""Dashboards and alerts are built on these names; no caller may add a series to them."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor
from pricing_fdm.fetch.outcomes import FetchOutcome
from pricing_fdm.model import Download, Material
from pricing_fdm.quoting.timing import Stage
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.web.problems import STATUS
from tests.harness.service import free_port

CODES = sorted(kind.code for kind in STATUS)
TIMING_MS = {
    "download": 40.0,
    "inspect": 10.0,
    "queue": 0.5,
    "slice": 1500.0,
    "extract": 20.0,
    "total": 1600.0,
}
READ_AT_SCRAPE = sorted(
    set(inspect.signature(ServiceMetrics).parameters) - {"version", "error_types", "cache_results"}
)


def service_metrics(
    cache_results: Callable[[], Mapping[str, int]] = lambda: {"hit": 0},
    **read: Callable[[], float],
) -> ServiceMetrics:
    """Metrics whose gauges read 0 but for those given."""
    nothing: dict[str, Callable[[], float]] = dict.fromkeys(READ_AT_SCRAPE, lambda: 0)
    return ServiceMetrics(
        version="1.2.3",
        error_types=CODES,
        cache_results=cache_results,
        **{**nothing, **read},  # type: ignore[arg-type]
    )


def downloaded(size_bytes: int) -> Download:
    return Download(Path("upload"), size_bytes, "0" * 64)


def families(metrics: ServiceMetrics) -> list[Metric]:
    """What Prometheus reads, by its own parser; without when each series was created."""
    parsed = text_string_to_metric_families(metrics.render().decode())
    return [family for family in parsed if not family.name.endswith("_created")]


def values(metrics: ServiceMetrics, name: str) -> dict[tuple[str, ...], float]:
    """The samples of one name by the values of their labels."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in families(metrics)
        for sample in family.samples
        if sample.name == name
    }


def after_everything() -> ServiceMetrics:
    """Metrics of a service in which everything has happened that can."""
    metrics = service_metrics()
    metrics.set_engine("orca", "2.3.1")
    statuses = {200, 499, *(int(status) for status in STATUS.values())}
    for material in (None, *Material):
        for status in statuses:
            name = material.value if material else None
            metrics.observe_quote(material=name, status=status, timing_ms=TIMING_MS)
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
    metrics = service_metrics()
    metrics.observe_download(downloaded(50_000))
    metrics.count_source("address_private")
    assert values(metrics, "pricing_fdm_download_size_bytes_sum") == {(): 50_000.0}
    within = values(metrics, "pricing_fdm_download_size_bytes_bucket")
    assert (within["40960.0",], within["163840.0",]) == (0.0, 1.0)
    assert values(metrics, "pricing_fdm_source_verdicts_total") == {
        ("ok",): 1.0,
        ("address_private",): 1.0,
    }


@pytest.mark.parametrize("name", READ_AT_SCRAPE)
def test_what_the_parts_know_is_asked_at_each_scrape(name: str) -> None:
    """A copy would be old; a peak between two copies would be lost."""
    now = iter((1.0, 0.0))
    metrics = service_metrics(**{name: lambda: next(now)})  # type: ignore[arg-type]
    shown = f"pricing_fdm_{name.removeprefix('is_')}"
    totals = {family.name for family in families(service_metrics()) if family.type == "counter"}
    sample = f"{shown}_total" if shown in totals else shown
    assert [values(metrics, sample), values(metrics, sample)] == [{(): 1.0}, {(): 0.0}]


def test_the_answers_of_the_cache_are_read_at_each_scrape() -> None:
    """By result; a hit rate is a quotient of two of them."""
    counts = {"hit": 3, "miss": 1}
    metrics = service_metrics(cache_results=lambda: counts)
    assert values(metrics, "pricing_fdm_cache_total") == {("hit",): 3.0, ("miss",): 1.0}
    counts["hit"] = 4
    assert values(metrics, "pricing_fdm_cache_total")["hit",] == 4.0


def test_the_versions_are_labels_of_a_constant_one() -> None:
    """So a change of the slicer can be drawn beside a change of the figures."""
    metrics = service_metrics()
    assert values(metrics, "pricing_fdm_build_info") == {}
    metrics.set_engine("orca", "2.3.1")
    (info,) = [family for family in families(metrics) if family.name == "pricing_fdm_build_info"]
    assert [(sample.labels, sample.value) for sample in info.samples] == [
        ({"version": "1.2.3", "slicer": "orca", "slicer_version": "2.3.1"}, 1.0)
    ]


def test_labels_have_closed_sets_of_values() -> None:
    """A label with an id or a URL in it fills the memory of every Prometheus that scrapes us."""
    closed: Mapping[str, set[str]] = {
        "material": {"unknown", *(material.value for material in Material)},
        "status": {"200", "499", *(str(int(status)) for status in STATUS.values())},
        "error_type": set(CODES),
        "stage": {stage.value for stage in Stage},
        "result": {"hit"},
        "task": {task.value for task in BackgroundTask},
        "verdict": {"ok", *(verdict.value for verdict in FetchOutcome)},
        "version": {"1.2.3"},
        "slicer": {"orca"},
        "slicer_version": {"2.3.1"},
    }
    seen: dict[str, set[str]] = {}
    for family in families(after_everything()):
        for sample in family.samples:
            for label, value in sample.labels.items():
                seen.setdefault(label, set()).add(value)
    bounds = seen.pop("le")
    assert seen == closed
    assert all(float(bound) > 0 for bound in bounds)


def test_names_say_whose_they_are_and_in_which_unit() -> None:
    """Prometheus' conventions: a prefix, base units, `_total` for counters."""
    for family in families(after_everything()):
        assert family.name.startswith("pricing_fdm_")
        assert family.documentation.endswith("."), family.name
        if family.type == "histogram":
            assert family.name.endswith(("_seconds", "_bytes"))
        if family.type == "counter":
            assert {sample.name for sample in family.samples} == {f"{family.name}_total"}


def test_two_services_in_one_process_do_not_count_for_each_other() -> None:
    """Each has a registry of its own, which also keeps out what libraries register globally."""
    one, other = service_metrics(), service_metrics()
    one.count_error("queue_full")
    assert values(other, "pricing_fdm_errors_total")["queue_full",] == 0.0
    assert {family.name.split("_")[0] for family in families(one)} == {"pricing"}


def test_a_port_of_its_own_shows_the_same_until_it_is_left() -> None:
    """A scraper needs no token there; nothing may go on listening."""
    metrics, port = service_metrics(), free_port()
    metrics.count_error("queue_full")
    url = f"http://127.0.0.1:{port}/metrics"
    with metrics.served_at("127.0.0.1", port):
        answer = httpx.get(url, trust_env=False, timeout=30)
        assert answer.content == metrics.render()
        assert answer.headers["content-type"].startswith("text/plain")
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False, timeout=30)


def test_a_server_of_metrics_that_died_serves_again() -> None:
    """Blind dashboards look like a service without requests."""
    metrics, port = service_metrics(), free_port()

    async def story() -> None:
        died = asyncio.Event()
        supervisor = Supervisor(lambda *_: died.set(), pause_s=(0, 0))
        with metrics.served_at("127.0.0.1", port) as served:
            served._server.shutdown()
            async with supervisor.running(BackgroundTask.METRICS_SERVER, served.keep_serving):
                await asyncio.to_thread(scrape)
                assert not died.is_set()
                served._server.shutdown()
                async with asyncio.timeout(30):
                    await died.wait()
                await asyncio.to_thread(scrape)

    def scrape() -> None:
        url = f"http://127.0.0.1:{port}/metrics"
        assert httpx.get(url, trust_env=False, timeout=30).status_code == 200

    asyncio.run(story())


def test_a_failure_of_a_background_task_is_counted_under_its_name() -> None:
    """An alert says which one it was."""
    metrics = service_metrics()
    metrics.count_background_failure(BackgroundTask.UPLOAD_SWEEP)
    counted = values(metrics, "pricing_fdm_background_failures_total")
    assert counted == {(task.value,): float(task == "upload_sweep") for task in BackgroundTask}

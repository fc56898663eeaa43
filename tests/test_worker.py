"""A worker as it is built and as it ends; how it does jobs is in tests/jobs/test_runner.py."""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry

from pricing_fdm.estimate.labels import read_labels
from pricing_fdm.jobs.record import QueueCounts
from pricing_fdm.telemetry.job_metrics import JobMetrics
from pricing_fdm.telemetry.outage import OutageLog
from pricing_fdm.worker import _note_queue
from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.redis_server import RedisServer, running_redis
from tests.harness.service import PLAIN, free_port, order, running_service
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.health.idle import check_of, idle_readiness
from tests.jobs.workers import running_worker, started_worker
from tests.quoting.fitted import estimating_shop


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


def test_a_worker_whose_slicer_never_works_ends_with_its_own_exit_code_e5(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """E5: three failed self-tests; meanwhile it takes no job."""
    environment = {
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path / "bin", crash_signal="SIGSEGV")),
        "SELF_TEST_RETRY_SECS": "0.2",
    }
    with started_worker(redis_server.new_url(), environment) as worker:
        assert worker.process.wait(60) == 70
        assert len(worker.events("self_test_finished")) == 3
        assert [line["event"] for line in worker.events("worker_stopped")] == ["worker_stopped"]


def test_a_worker_tells_its_metrics_and_ends_at_a_signal(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """It has no other port; one that has nothing to do ends at once, with exit code 0."""
    port = free_port()
    environment = {
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path / "bin")),
        "METRICS_PORT": str(port),
        "PRICING_FDM_HOST": "127.0.0.1",
    }
    with running_worker(redis_server.new_url(), environment) as worker:

        def shown() -> str:
            url = f"http://127.0.0.1:{port}/metrics"
            return httpx.get(url, trust_env=False, timeout=30).text

        wait_until(lambda: "pricing_fdm_jobs_waiting 0.0" in shown())
        assert "pricing_fdm_ready 1.0" in shown()
        worker.kill(signal.SIGTERM)
        assert worker.process.wait(30) == 0
        assert worker.leftovers() == []


def test_a_slice_of_a_worker_checks_the_estimate_of_a_gateway_and_anchors_the_next(
    redis_server: RedisServer, origin: Origin, tmp_path: Path
) -> None:
    """Ratio, label and anchor by Redis; without it there are estimates and quotes all the same."""
    port, labels = free_port(), tmp_path / "labels.jsonl"
    url = redis_server.new_url()
    environment = {
        **origin.environment,
        "REDIS_URL": url,
        "OBJECT_STORE_URL": f"file://{tmp_path}/uploads",
        "SHOP_DIR": str(estimating_shop(tmp_path / "shop")),
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path / "bin")),
        "ESTIMATE_LABELS": str(labels),
        "METRICS_PORT": str(port),
    }
    asked = order(origin.serve("cube.stl", binary_stl(box(20, 20, 20))))
    with contextlib.ExitStack() as stack:
        gateway = stack.enter_context(running_service({**environment, "METRICS_PORT": "0"}))

        def estimate() -> dict[str, Any]:
            response = httpx.post(f"{gateway.base_url}/v1/estimate", json=asked, **PLAIN)
            assert response.status_code == 200, response.text
            return response.json()["print_time_hours"]  # type: ignore[no-any-return]

        before = estimate()
        stack.enter_context(running_worker(url, environment))
        job = httpx.post(f"{gateway.base_url}/v1/jobs", json=asked, **PLAIN).json()["job_id"]
        wait_until(lambda: gateway.get(f"/v1/status/{job}").json()["status"] == "completed", 60)
        sliced = gateway.get(f"/v1/status/{job}").json()["data"]["quote"]["print_time_hours"]
        metrics = httpx.get(f"http://127.0.0.1:{port}/metrics", **PLAIN).text
        ratio = 'pricing_fdm_estimate_ratio_{}{{figure="print_time_hours"}} {}'
        assert ratio.format("count", 1.0) in metrics
        (summed,) = re.findall(re.escape(ratio.format("sum", "")) + "(.+)", metrics)
        assert float(summed) == pytest.approx(sliced / before["likely"], rel=1e-3)
        (label,) = read_labels(labels).labels.values()
        assert label.row.print_time_s == pytest.approx(3600 * sliced, rel=1e-3)
        after = estimate()
        assert after["likely"] == pytest.approx(sliced, abs=0.0001)
        assert after["high"] / after["low"] < before["high"] / before["low"]
        redis_server.stop()
        try:
            alone = estimate()
            assert alone == before
            assert gateway.post(asked).status_code == 200
        finally:
            redis_server.start()


def test_an_outage_of_redis_is_two_lines_of_a_worker_s_log(tmp_path: Path) -> None:
    """One when it goes and one when it is back; nothing of Dramatiq, which says it every 3 s."""
    environment = {"PRUSA_BINARY": str(install_fake_prusa(tmp_path / "bin"))}
    with (
        running_redis() as server,
        running_worker(server.new_url(), environment) as worker,
    ):
        server.stop()
        wait_until(lambda: worker.events("redis_away"))
        server.start()
        wait_until(lambda: worker.events("redis_back"))
        assert len(worker.events("redis_away")) == len(worker.events("redis_back")) == 1
        assert "Consumer encountered" not in worker.log_path.read_text()


def test_how_full_the_queue_is_goes_to_metrics_and_readiness(tmp_path: Path) -> None:
    """While Redis does not answer the metrics keep what they knew."""
    readiness, registry = idle_readiness(tmp_path), CollectorRegistry()
    metrics = JobMetrics(registry, ())
    outage = OutageLog()
    _note_queue(readiness, metrics, outage, QueueCounts(unfinished=5, waiting=3, dead=1, workers=2))
    redis = check_of(readiness, "redis")
    assert (redis.ok, redis.detail) == (True, "3 jobs wait")
    _note_queue(readiness, metrics, outage, None)
    redis = check_of(readiness, "redis")
    assert (redis.ok, redis.detail) == (False, "does not answer")
    assert registry.get_sample_value("pricing_fdm_jobs_waiting") == 3
    assert registry.get_sample_value("pricing_fdm_jobs_unfinished") == 5

"""A real Redis for these tests, and a database of it for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.origin import running_origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.redis_server import RedisServer, running_redis
from tests.jobs.stage import Stage
from tests.jobs.workers import RunningWorker


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One server for all tests of a process; nothing of it outlives them."""
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """A database of this test's own."""
    return redis_server.new_url()


@pytest.fixture
def stage(redis_url: str, tmp_path: Path) -> Iterator[Stage]:
    """One of this test's own, without a worker."""
    with running_origin() as origin:
        yield Stage(redis_url, origin, install_fake_prusa(tmp_path))


@pytest.fixture(scope="module")
def busy_stage(
    redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Stage, RunningWorker]]:
    """A stage with a worker that nobody harms, shared by several tests."""
    with running_origin() as origin:
        slicer = install_fake_prusa(tmp_path_factory.mktemp("slicer"))
        stage = Stage(redis_server.new_url(), origin, slicer)
        with stage.worker() as worker:
            yield stage, worker


@pytest.fixture
def peace(busy_stage: tuple[Stage, RunningWorker]) -> Iterator[Stage]:
    """The shared stage, its origin as it was."""
    stage, _ = busy_stage
    stage.origin.requests.clear()
    yield stage
    stage.origin.behaviours.clear()

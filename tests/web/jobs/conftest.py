"""One gateway for the tests that need no other, and one with a worker behind it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.redis_server import RedisServer, running_redis
from tests.harness.service import running_service
from tests.jobs.workers import running_worker
from tests.web.jobs.gateway import SECRET, Gateway


@pytest.fixture(scope="session")
def queue_redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@contextlib.contextmanager
def running_gateway(origin: Origin, redis_url: str, folder: Path, **more: str) -> Iterator[Gateway]:
    environment = {
        **origin.environment,
        "REDIS_URL": redis_url,
        "GATEWAY_ONLY": "true",
        "OBJECT_STORE_URL": folder.as_uri(),
        "CALLBACK_SECRET": SECRET,
        "MAX_FILE_SIZE_MB": "1",
        **more,
    }
    with running_service(environment) as service:
        yield Gateway(service, origin, redis_url, folder)


@pytest.fixture(scope="session")
def idle(
    origin: Origin, queue_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """Nobody does its jobs."""
    folder = tmp_path_factory.mktemp("uploads")
    with running_gateway(origin, queue_redis.new_url(), folder) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def busy(
    origin: Origin, queue_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """A worker with the puppet in the slicer's place, which is quick, does its jobs."""
    folder, url = tmp_path_factory.mktemp("uploads"), queue_redis.new_url()
    slicer = install_fake_prusa(tmp_path_factory.mktemp("slicer"))
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(slicer),
        "OBJECT_STORE_URL": folder.as_uri(),
        "CALLBACK_SECRET": SECRET,
    }
    with running_gateway(origin, url, folder) as gateway, running_worker(url, environment):
        yield gateway

"""The page as a customer meets it: built, served by the real service, in a real browser."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.harness.redis_server import running_redis
from tests.harness.service import RunningService, running_service
from tests.jobs.workers import running_worker
from tests.page.visit import NOTE_VIOLATIONS, OpenPage, Visit

ROOT = Path(__file__).resolve().parents[2]

PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

# SwiftShader draws WebGL without a graphics card; the rest keeps the browser at home.
_FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@pytest.fixture(scope="session")
def built_page() -> None:
    """Built where the service looks for it; quick when nothing has changed."""
    subprocess.run([ROOT / "scripts/build-web"], check=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def queue_environment(built_page: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Redis, a store of uploads, and a worker with a real slicer."""
    store = tmp_path_factory.mktemp("uploads")
    with running_redis() as redis:
        environment = {
            "REDIS_URL": redis.new_url(),
            "OBJECT_STORE_URL": f"file://{store}",
            "CACHE_TTL_SECS": "0",  # what is remembered is priced before anybody sees a progress
        }
        with running_worker(environment["REDIS_URL"], environment):
            yield environment


@pytest.fixture(scope="session")
def gateway(queue_environment: dict[str, str]) -> Iterator[RunningService]:
    """The service that serves the page and takes the jobs in."""
    with running_service(queue_environment) as service:
        yield service


@pytest.fixture(scope="session")
def alone(built_page: None) -> Iterator[RunningService]:
    """The service that does its jobs itself, as `make serve` starts it: without Redis."""
    with running_service({"CACHE_TTL_SECS": "0"}) as service:
        yield service


# Not for the whole session: while Playwright is open, `asyncio.run` of other tests is refused.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one that Playwright installed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=_FLAGS, timeout=PATIENCE_MS
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, gateway: RunningService) -> Iterator[OpenPage]:
    """Opens the page in a fresh tab, and sees at the end that it was clean."""
    with contextlib.ExitStack() as stack:

        def open_(base_url: str = gateway.base_url, script: str = "", **options: Any) -> Visit:
            context = browser.new_context(**{"reduced_motion": "reduce", **options})
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            context.add_init_script(NOTE_VIOLATIONS + script)
            visit = Visit(context.new_page(), base_url)
            visit.listen()
            stack.callback(visit.is_clean)
            visit.page.goto(base_url)
            return visit

        yield open_

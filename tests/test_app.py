"""The service is built in one place; what it does with its parts is tested where they are."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from pricing_fdm.app import create_app
from pricing_fdm.settings import SettingsError, load_settings
from pricing_fdm.web.app_state import STATE_KEY, AppState
from tests.harness.puppet import install_fake_prusa
from tests.harness.redis_server import running_redis
from tests.harness.service import free_port

Run = Callable[..., None]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Starts a service in this process, runs a story with its state, and ends it."""
    monkeypatch.setattr("pricing_fdm.assembly.adopt_orphans", lambda: None)

    async def started(story: Callable[[AppState, Starlette], Awaitable[None]]) -> None:
        app = create_app(load_settings())
        async with app.router.lifespan_context(app) as state:
            assert state is not None
            await story(state[STATE_KEY], app)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    def run(story: Callable[[AppState, Starlette], Awaitable[None]], **environment: str) -> None:
        standard = {
            "TEMP_DIR": str(tmp_path),
            "SLICER": "prusa",
            "PRUSA_BINARY": str(install_fake_prusa(tmp_path / "bin")),
            "SANDBOX": "none",
        }
        for name, value in (standard | environment).items():
            monkeypatch.setenv(name, value)
        asyncio.run(started(story))

    return run


def test_a_service_starts_proves_its_slicer_and_leaves_nothing_running(run: Run) -> None:
    """The state holds what the routes need; afterwards no task is left, which `run` looks at."""

    async def story(state: AppState, app: Starlette) -> None:
        assert app.state.admission is state.admission
        async with asyncio.timeout(60):
            while not state.readiness.is_ready():  # noqa: ASYNC110 - the watchdog changes it
                await asyncio.sleep(0.01)
        assert b'pricing_fdm_build_info{slicer="prusa"' in state.metrics.render()

    with capture_logs() as log:
        run(story)
    events = [line["event"] for line in log]
    assert (events[-1], events.count("service_started")) == ("service_stopped", 1)


def test_a_service_with_a_queue_shares_its_results_and_examines_redis(run: Run) -> None:
    """Redis is there before the result cache is made, and is looked at before the first request."""

    async def story(state: AppState, _: Starlette) -> None:
        checks = {check.name: check for check in state.readiness.checks()}
        assert checks["redis"].ok, checks["redis"].detail
        assert state.queue.workers() == 0
        rendered = state.metrics.render()
        assert b"pricing_fdm_workers 0.0" in rendered
        assert b"pricing_fdm_uploads_in_progress 0.0" in rendered
        assert state.shops.current.pipeline is not None
        assert await state.shops.current.pipeline.results.lookup("nothing") is None

    with running_redis() as server:
        run(story, REDIS_URL=server.new_url())


def test_a_redis_that_is_away_does_not_keep_the_service_from_starting(run: Run) -> None:
    """It says so in /ready, and what needs no Redis goes on."""

    async def story(state: AppState, _: Starlette) -> None:
        checks = {check.name: check for check in state.readiness.checks()}
        assert not checks["redis"].ok
        assert state.shops.current.pipeline is not None
        assert await state.shops.current.pipeline.results.lookup("nothing") is None
        assert state.shops.current.pipeline.results.totals()["unreachable"] == 1

    run(story, REDIS_URL=f"redis://127.0.0.1:{free_port()}")


def test_metrics_can_have_a_port_of_their_own(run: Run) -> None:
    """Then they are nowhere else."""
    port = free_port()

    async def story(state: AppState, app: Starlette) -> None:
        url = f"http://127.0.0.1:{port}/metrics"
        answer = await asyncio.to_thread(httpx.get, url, trust_env=False, timeout=30)
        assert answer.text.startswith("# HELP")
        assert "/metrics" not in {getattr(route, "path", None) for route in app.routes}

    run(story, METRICS_PORT=str(port), PRICING_FDM_HOST="127.0.0.1")


def test_a_store_of_uploads_that_cannot_be_stops_the_start_e4(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """E4: before anything listens, and with the name of the variable."""
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("OBJECT_STORE_URL", "ftp://store")
    with pytest.raises(SettingsError) as caught:
        create_app(load_settings())
    assert caught.value.faults == (
        "OBJECT_STORE_URL: must begin with file:///, s3://, gs://, az://",
    )


def test_a_service_without_a_queue_loads_nothing_of_it() -> None:
    """The libraries of Redis take 24 MB, which is a quarter of an idle service."""
    code = (
        "import sys; from pricing_fdm.app import create_app; "
        "from pricing_fdm.settings import load_settings; create_app(load_settings()); "
        "print(*{'redis', 'dramatiq'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from structlog.testing import capture_logs

from pricing_fdm.concurrency.supervisor import BackgroundTask
from pricing_fdm.process_assembly import create_supervisor
from pricing_fdm.telemetry import logs
from tests.telemetry.test_metrics import service_metrics, values


def test_a_background_task_that_dies_is_logged_and_counted() -> None:
    """Both say which it was; the log says why."""
    metrics, fault = service_metrics(), FileNotFoundError("gone")

    async def story(told: Callable[[], list[Any]]) -> None:
        async def sweep() -> None:
            raise fault

        async with (
            create_supervisor(metrics).running(BackgroundTask.UPLOAD_SWEEP, sweep),
            asyncio.timeout(30),
        ):
            while not told():  # noqa: ASYNC110 - the supervisor changes it
                await asyncio.sleep(0.01)

    with capture_logs() as captured:
        asyncio.run(story(lambda: captured))
    assert captured[0] == {
        "event": logs.BACKGROUND_TASK_FAILED,
        "task": "upload_sweep",
        "exc_info": fault,
        "log_level": "error",
    }
    assert values(metrics, "pricing_fdm_background_failures_total")["upload_sweep",] >= 1

"""A zygote as the service holds it; what its children do is told in `test_model_reader`."""

from __future__ import annotations

import asyncio

from pricing_fdm.mesh.child.zygote_process import ZygoteProcess
from pricing_fdm.sandbox.process import Limits
from tests.mesh.child.reading import zygotes

LIMITS = Limits(wall_s=60, cpu_s=60, memory_bytes=1024**3, file_size_bytes=1024**2)


def test_one_that_is_stopped_is_gone_and_reports_nothing() -> None:
    """Also if it had not begun."""
    reports: list[str] = []

    async def story() -> None:
        for pause_s in (0.0, 0.05):
            zygote = ZygoteProcess(LIMITS, reports.append)
            await asyncio.sleep(pause_s)
            await zygote.stop()
            assert zygote.ended
            assert list(zygotes()) == []

    asyncio.run(story())
    assert reports == []

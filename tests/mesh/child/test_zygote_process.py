"""A zygote as the service holds it; what its children do is told in `test_model_reader`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.mesh.child.zygote_process import ZygoteProcess
from pricing_fdm.sandbox.process import Limits
from pricing_fdm.sandbox.sandbox import Sandbox
from tests.mesh.child.reading import PATIENCE_S, zygotes
from tests.sandbox.sandboxes import SANDBOXES

LIMITS = Limits(wall_s=60, cpu_s=60, memory_bytes=1024**3, file_size_bytes=1024**2)


def left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_its_folder_is_gone_while_it_works(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that is killed leaves none behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def story() -> None:
        zygote = ZygoteProcess(replace(LIMITS, sandbox=sandbox), print)
        assert left(tmp_path)
        while left(tmp_path):  # noqa: ASYNC110 - nothing tells of a deletion
            await asyncio.sleep(0.01)
        assert not zygote.ended
        await zygote.stop()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


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

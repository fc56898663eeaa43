"""Fixtures of the flow's tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.assembly import assemble
from pricing_fdm.sandbox.sandbox import NoSandbox
from pricing_fdm.settings import load_settings
from pricing_fdm.shop_source import load_shop_files
from tests.harness.puppet import install_fake_prusa
from tests.quoting.bench import PATIENCE_S, SLOTS, Bench, CountingConverter, Run, Watched


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a test with a pipeline; it is at rest afterwards."""
    temp_dir = tmp_path / "temp"
    temp_dir.mkdir()
    environment = {
        "TEMP_DIR": temp_dir,
        "SLICER": "prusa",
        "PRUSA_BINARY": install_fake_prusa(tmp_path / "bin"),
        "SANDBOX": "none",
        "SLICE_CONCURRENCY": SLOTS,
        "QUEUE_WAIT_SECS": "0.3",
        "POISON_SECS": "0",
        "RUSH_MULTIPLIER": "2",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, str(value))
    # This process is the tests' own: whoever is orphaned here is none of its business.
    monkeypatch.setattr("pricing_fdm.assembly.adopt_orphans", lambda: None)

    async def with_bench(test: Callable[[Bench], Awaitable[None]]) -> None:
        settings = load_settings()
        async with assemble(settings, load_shop_files(settings.shop)) as assembly:
            assert assembly.pipeline is not None
            pipeline = assembly.pipeline
            ((printer, real),) = pipeline.workshop.engines.items()
            engine = Watched(real)
            converter = CountingConverter.create(
                replace(settings.slicing.convert_limits(), sandbox=NoSandbox()),
                max_triangles=settings.slicing.max_triangles,
                at_once=SLOTS,
            )
            assert isinstance(converter, CountingConverter)
            inspector = replace(pipeline.inspector, converter=converter)
            workshop = replace(pipeline.workshop, engines={printer: engine})
            watched = replace(pipeline, workshop=workshop, inspector=inspector)
            bench = Bench(watched, engine, converter, temp_dir)
            async with asyncio.timeout(PATIENCE_S):
                await test(bench)
            assert bench.is_at_rest()

    return lambda test: asyncio.run(with_bench(test))

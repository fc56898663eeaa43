"""What prices, built in this process, with the puppet in the place of the slicer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from pricing_fdm.assembly import Assembly, assemble
from pricing_fdm.quoting.cache.result_cache import SharedStore
from pricing_fdm.settings import load_settings
from pricing_fdm.shared_stores import SharedStores
from pricing_fdm.shop_source import load_shop_files
from tests.harness.puppet import install_fake_prusa

T = TypeVar("T")


def run_assembled(
    patch: pytest.MonkeyPatch,
    folder: Path,
    story: Callable[[Assembly], Awaitable[T]],
    *,
    store: SharedStore | None = None,
    **environment: str,
) -> T:
    """Runs a story with what prices: one slot, one place beside it, a slicer in `folder/bin`."""
    standard = {
        "TEMP_DIR": str(folder),
        "SLICER": "prusa",
        "PRUSA_BINARY": str(install_fake_prusa(folder / "bin")),
        "SANDBOX": "none",
        "SLICE_CONCURRENCY": "1",
        "QUEUE_PLACES": "1",
    }
    for name, value in (standard | environment).items():
        patch.setenv(name, value)
    # This process is the tests' own: whoever is orphaned here is none of its business.
    patch.setattr("pricing_fdm.assembly.adopt_orphans", lambda: None)

    async def assembled() -> T:
        settings, shared = load_settings(), SharedStores(results=store)
        async with assemble(settings, load_shop_files(settings.shop), shared) as assembly:
            return await story(assembly)

    return asyncio.run(assembled())

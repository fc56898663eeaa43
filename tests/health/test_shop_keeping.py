"""What is needed stays in the store of versions, and what nobody needs goes."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest
import structlog

from pricing_fdm.shop.contents import contents_of, packed
from pricing_fdm.uploads.shop_versions import Activation
from tests.health.version_bench import ELSEWHERE, KEEP, Bench
from tests.slicers.profile_folder import ProfileFolder


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    """A copy of the bundled shop."""
    return ProfileFolder(tmp_path / "shop")


def test_the_shop_in_force_is_put_back_and_known_to_be_in_use(folder: ProfileFolder) -> None:
    """A life-cycle rule of a bucket, or another gateway's pruning, may take it away."""
    bench = Bench(folder, keeps=True)
    name = bench.state.shop.files_version

    async def scenario() -> None:
        await bench.versions.look()
        (folder.path / ".versions" / "shops" / f"{name}.zip").unlink()
        bench.store.put(ELSEWHERE, b"")
        await bench.versions.look()

    asyncio.run(scenario())
    assert bench.store.get(name) == packed(contents_of(bench.state.shop))
    bench.store.put(ELSEWHERE, b"")
    days_later = dt.datetime.now(dt.UTC) + dt.timedelta(days=bench.state.shop.quote.valid_days)
    assert bench.store.prune(KEEP, days_later) == []
    assert bench.store.prune(KEEP, days_later + dt.timedelta(days=1)) == [name]


def test_versions_that_nobody_needs_go_when_others_come(folder: ProfileFolder) -> None:
    """With several gateways on one store; a version of each is in force, and stays."""
    first, second = Bench(folder, keeps=True), Bench(folder, keeps=True)
    name = first.state.shop.files_version

    async def scenario() -> None:
        await first.versions.look()
        first.store.put(ELSEWHERE, b"")
        await second.versions.submit(b"", dry_run=False)
        assert [each.name for each in first.store.versions()] == [name]
        first.store.put(ELSEWHERE, b"")
        with structlog.testing.capture_logs() as lines:
            await asyncio.gather(*(each.versions.activate(name) for each in (first, second)))
        assert [line["event"] for line in lines].count("shop_loaded") == 2
        assert {each.name for each in first.store.versions()} == {name, ELSEWHERE}

    asyncio.run(scenario())
    assert first.store.active() == Activation(name, "")


def test_a_store_that_cannot_be_pruned_takes_versions_all_the_same(
    folder: ProfileFolder,
) -> None:
    """The log says so."""
    bench = Bench(folder, keeps=True)

    async def scenario() -> None:
        bench.store.activate(Activation(ELSEWHERE, ""))
        (folder.path / ".versions" / "shops" / "active").write_text("{}")
        with structlog.testing.capture_logs() as lines:
            await bench.versions.submit(b"", dry_run=False)
        assert [line["event"] for line in lines] == ["shop_versions_unpruned"]

    asyncio.run(scenario())
    assert len(bench.store.versions()) == 1

"""A process follows the store of the shop's versions, and prices jobs with theirs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import structlog

from pricing_fdm.errors import InternalError, ShopStoreMissing
from pricing_fdm.health.shop_candidate import Profile
from pricing_fdm.health.shop_versions import ShopVersions
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.uploads.shop_versions import Activation
from tests.health.version_bench import ELSEWHERE, KEEP, Bench
from tests.slicers.profile_folder import ProfileFolder


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    """A copy of the bundled shop."""
    return ProfileFolder(tmp_path / "shop")


def test_another_active_version_is_noticed_once(folder: ProfileFolder) -> None:
    """Also where the news of it were lost; the one that is in force already is no news."""
    bench = Bench(folder)

    async def scenario() -> None:
        await bench.versions.look()
        assert bench.check() == (True, False, "none was activated")
        bench.store.activate(Activation(ELSEWHERE, ""))
        await bench.versions.look()
        await bench.versions.look()
        assert bench.asked == 1
        bench.store.activate(Activation(bench.state.shop.files_version, ""))
        await bench.versions.look()
        assert bench.asked == 1

    asyncio.run(scenario())
    assert bench.store.versions() == []


def test_the_shop_in_force_is_kept_where_somebody_may_want_it_back(folder: ProfileFolder) -> None:
    """A gateway that has the admin routes."""
    bench = Bench(folder, keeps=True)
    asyncio.run(bench.versions.look())
    assert [each.name for each in bench.store.versions()] == [bench.state.shop.files_version]


def test_the_version_before_the_active_one_is_remembered(folder: ProfileFolder) -> None:
    """Activated once more, a version is not the one before itself."""
    bench = Bench(folder, keeps=True)
    name = bench.state.shop.files_version

    async def scenario() -> None:
        await bench.versions.look()
        bench.store.activate(Activation(name, "", before=ELSEWHERE))
        await bench.versions.look()
        await bench.versions.activate(name)
        assert await bench.versions.before() == ELSEWHERE

    asyncio.run(scenario())
    assert bench.store.active() == Activation(name, "", before=ELSEWHERE)


def test_a_store_that_fails_is_told_and_stops_nothing(folder: ProfileFolder) -> None:
    """In /ready, until it works again."""
    bench = Bench(folder)
    bench.store.activate(Activation(ELSEWHERE, ""))
    active = folder.path / ".versions" / "shops" / "active"
    good = active.read_bytes()
    active.write_bytes(b"{")
    asyncio.run(bench.versions.look())
    assert bench.check()[:2] == (False, False)
    active.write_bytes(good)
    asyncio.run(bench.versions.look())
    assert bench.check() == (True, False, f"active: {ELSEWHERE}")


def test_a_job_of_a_version_that_nobody_has_is_priced_with_the_shop_in_force(
    folder: ProfileFolder,
) -> None:
    """The log says so; a version that is there and cannot be used fails the job instead."""
    bench = Bench(folder)

    async def scenario() -> None:
        with structlog.testing.capture_logs() as lines:
            assert await bench.versions.pipeline_of(ELSEWHERE) is bench.state.pipeline
        assert [line["event"] for line in lines] == ["job_shop_missing"]
        bench.store.put(ELSEWHERE, b"")
        with pytest.raises(InternalError) as caught:
            await bench.versions.pipeline_of(ELSEWHERE)
        assert "tried: False" in str(caught.value.log_detail)

    asyncio.run(scenario())


def test_a_version_that_is_refused_is_not_active(folder: ProfileFolder) -> None:
    """It was put into the store, and stays there."""
    bench = Bench(folder)
    bench.store.put(ELSEWHERE, b"")

    async def scenario() -> None:
        with pytest.raises(ShopError):
            await bench.versions.activate(ELSEWHERE)

    asyncio.run(scenario())
    assert bench.store.active() is None
    assert bench.shops.current is bench.state


def test_what_only_looks_needs_no_place_for_versions(folder: ProfileFolder) -> None:
    """A dry run on the bundled shop."""
    bench = Bench(folder)
    versions = ShopVersions(bench.shops, None, bench, bench.readiness, KEEP, keeps=True)

    async def scenario() -> None:
        assert await versions.listed() == await versions.profiles() == []
        assert await versions.before() is None
        candidate = await versions.submit(b"", dry_run=True)
        assert candidate.version == bench.state.shop.files_version
        with pytest.raises(ShopStoreMissing):
            await versions.submit(b"", dry_run=False)
        with pytest.raises(ShopStoreMissing):
            await versions.add_profile(Profile("petg", b"", ""), dry_run=False)
        await versions.look()

    asyncio.run(scenario())

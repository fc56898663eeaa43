"""A process follows the store of the shop's versions, and prices jobs with theirs."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest
import structlog

from pricing_fdm.errors import InternalError, ShopStoreMissing
from pricing_fdm.health.readiness import Readiness
from pricing_fdm.health.shop_candidate import Candidate, Profile
from pricing_fdm.health.shop_reload import ShopInForce, ShopState
from pricing_fdm.health.shop_versions import SHOP_VERSIONS, ShopVersions
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.contents import Contents, contents_of, packed
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.load import load_shop
from pricing_fdm.slicers.presets.loaded_shop import load_presets
from pricing_fdm.uploads.shop_versions import Activation, Keep, VersionStore
from tests.health.idle import idle_readiness
from tests.slicers.profile_folder import ProfileFolder

ELSEWHERE = "0123456789abcdef"
KEEP = Keep(newest=1, needed_s=3600)


class Bench:
    """A shop in force beside a store of versions; it loads nothing, and has no slicer."""

    def __init__(self, folder: ProfileFolder, *, keep: Keep | None = None) -> None:
        self.asked = 0
        self.state = ShopState(load_presets(load_shop(folder.path)), None)
        self.readiness: Readiness = idle_readiness(folder.path)
        self.shops = ShopInForce(self.state, self._reload, self.readiness)
        self.store = VersionStore(folder.path / ".versions")
        self.versions = ShopVersions(self.shops, self.store, self, self.readiness, keep=keep)
        self.shops.ask = self._ask  # type: ignore[method-assign]

    async def stored(self, version: str, old: ShopState, *, tried: bool = True) -> ShopState:
        if self.store.get(version) == packed(contents_of(old.shop)):
            return old
        raise ShopError([Fault("shop.toml", "", None, f"cannot be used, tried: {tried}")])

    async def edited(self, _text: bytes, old: ShopState) -> Candidate:
        return Candidate(old, contents_of(old.shop))

    async def with_profile(self, _profile: Profile, old: ShopState) -> Candidate:
        return Candidate(old, contents_of(old.shop), ("a report",))

    async def contents(self, shop: Shop) -> Contents:
        return contents_of(shop)

    async def folder_mark(self) -> str:
        return ""

    async def _reload(self, old: ShopState) -> ShopState:
        return old

    def _ask(self) -> None:
        self.asked += 1

    def check(self) -> tuple[bool, bool, str]:
        (found,) = (each for each in self.readiness.checks() if each.name == SHOP_VERSIONS)
        return found.ok, found.needed, found.detail


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
    bench = Bench(folder, keep=KEEP)
    asyncio.run(bench.versions.look())
    assert [each.name for each in bench.store.versions()] == [bench.state.shop.files_version]


def test_the_shop_in_force_is_put_back_and_known_to_be_in_use(folder: ProfileFolder) -> None:
    """A life-cycle rule of a bucket, or another gateway's pruning, may take it away."""
    bench = Bench(folder, keep=KEEP)
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
    first, second = Bench(folder, keep=KEEP), Bench(folder, keep=KEEP)
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


def test_the_version_before_the_active_one_is_remembered(folder: ProfileFolder) -> None:
    """Activated once more, a version is not the one before itself."""
    bench = Bench(folder, keep=KEEP)
    name = bench.state.shop.files_version

    async def scenario() -> None:
        await bench.versions.look()
        bench.store.activate(Activation(name, "", before=ELSEWHERE))
        await bench.versions.look()
        await bench.versions.activate(name)

    asyncio.run(scenario())
    assert bench.store.active() == Activation(name, "", before=ELSEWHERE)


def test_a_store_that_cannot_be_pruned_takes_versions_all_the_same(
    folder: ProfileFolder,
) -> None:
    """The log says so."""
    bench = Bench(folder, keep=KEEP)

    async def scenario() -> None:
        bench.store.activate(Activation(ELSEWHERE, ""))
        (folder.path / ".versions" / "shops" / "active").write_text("{}")
        with structlog.testing.capture_logs() as lines:
            await bench.versions.submit(b"", dry_run=False)
        assert [line["event"] for line in lines] == ["shop_versions_unpruned"]

    asyncio.run(scenario())
    assert len(bench.store.versions()) == 1


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
    versions = ShopVersions(bench.shops, None, bench, bench.readiness, keep=KEEP)

    async def scenario() -> None:
        assert await versions.listed() == await versions.profiles() == []
        candidate = await versions.submit(b"", dry_run=True)
        assert candidate.version == bench.state.shop.files_version
        with pytest.raises(ShopStoreMissing):
            await versions.submit(b"", dry_run=False)
        with pytest.raises(ShopStoreMissing):
            await versions.add_profile(Profile("petg", b"", ""), dry_run=False)
        await versions.look()

    asyncio.run(scenario())

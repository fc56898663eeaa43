"""Another shop is put in force whole, and only when it is sound."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import structlog

from pricing_fdm.health.readiness import Readiness
from pricing_fdm.health.shop_reload import SHOP, ReloadResult, ShopInForce, ShopState
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.load import load_shop
from pricing_fdm.slicers.presets.loaded_shop import load_presets
from tests.health.idle import idle_readiness
from tests.slicers.profile_folder import ProfileFolder

PATIENCE_S = 20
PERIOD_S = 0.05


def loaded(folder: Path) -> ShopState:
    return ShopState(load_presets(load_shop(folder)), None)


class Bench:
    """A shop in force whose folder a test changes."""

    def __init__(self, folder: ProfileFolder) -> None:
        self.folder = folder
        self.loads = 0
        self.before_load: Callable[[], Awaitable[object]] | None = None
        self.readiness: Readiness = idle_readiness(folder.path)
        self.shops = ShopInForce(loaded(folder.path), self._load, self.readiness)

    async def _load(self, _old: ShopState) -> ShopState:
        self.loads += 1
        if self.before_load is not None:
            await self.before_load()
        return loaded(self.folder.path)

    def rename(self, name: str) -> None:
        text = (self.folder.path / "shop.toml").read_text()
        first, _, rest = text.partition('name = "')
        self.folder.write("shop.toml", f'{first}name = "{name}"{rest.partition(chr(34))[2]}')

    @property
    def name(self) -> str:
        return self.shops.current.shop.name

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 - nobody else is to be told of it
                await asyncio.sleep(0.01)

    @contextlib.asynccontextmanager
    async def watching(self, period_s: float = PERIOD_S) -> AsyncIterator[None]:
        task = asyncio.create_task(self.shops.watch(period_s))
        await asyncio.sleep(PERIOD_S)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    def check(self) -> tuple[bool, bool, str]:
        (found,) = (each for each in self.readiness.checks() if each.name == SHOP)
        return found.ok, found.needed, found.detail


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(ProfileFolder(tmp_path / "shop"))


def test_a_changed_shop_takes_the_place_of_the_old_one(bench: Bench) -> None:
    """What holds the old one keeps it."""

    async def scenario() -> None:
        before = bench.shops.current
        bench.rename("Second")
        assert await bench.shops.reload() is ReloadResult.LOADED
        assert bench.name == "Second"
        assert before.shop.name == "Print shop"
        assert bench.shops.current.shop.version != before.shop.version
        assert await bench.shops.reload() is ReloadResult.UNCHANGED
        assert bench.check() == (True, True, f"{bench.shops.current.shop.version} is in force")

    asyncio.run(scenario())


def test_a_faulty_shop_changes_nothing_and_is_told(bench: Bench) -> None:
    """In the log, in `/ready` and in the counts; a good one takes it all back."""

    async def scenario() -> None:
        before = bench.shops.current
        bench.folder.set("filament_pla.json", filament_density=["0"])
        with structlog.testing.capture_logs() as lines, pytest.raises(ShopError):
            await bench.shops.reload()
        assert bench.shops.current is before
        (line,) = (each for each in lines if each["event"] == "shop_refused")
        assert line["log_level"] == "error"
        assert line["shop_version"] == before.shop.version
        assert "filament_density" in line["faults"][0]
        ok, needed, detail = bench.check()
        assert (ok, needed) == (False, False)  # quotes go on with the old one
        assert "filament_pla.json" in detail
        assert before.shop.version in detail
        assert bench.shops.refused
        bench.folder.set("filament_pla.json", filament_density=["1.25"])
        await bench.shops.reload()
        assert bench.check()[0]
        assert not bench.shops.refused
        assert bench.shops.counts == {ReloadResult.REFUSED: 1, ReloadResult.LOADED: 1}

    asyncio.run(scenario())


@pytest.mark.parametrize("file", ["shop.toml", "filament_pla.json"])
def test_a_change_of_a_file_is_noticed(bench: Bench, file: str) -> None:
    """Of the shop file, and of a preset that it refers to."""

    async def scenario() -> None:
        before = bench.shops.current
        async with bench.watching():
            if file == "shop.toml":
                bench.rename("Second")
            else:
                bench.folder.set(file, filament_density=["1.25"])
            await bench.until(lambda: bench.shops.current is not before)
        assert bench.shops.current.shop.version != before.shop.version
        assert bench.loads == 1

    asyncio.run(scenario())


def test_a_shop_that_was_mended_is_noticed(bench: Bench) -> None:
    """Also where the file that was missing is a new one."""

    async def scenario() -> None:
        async with bench.watching():
            bench.folder.shop('"filament_pla.json"', '"mine/pla.json"')
            await bench.until(lambda: bool(bench.shops.refused))
            (bench.folder.path / "mine").mkdir()
            bench.folder.write(
                "mine/pla.json", (bench.folder.path / "filament_pla.json").read_text()
            )
            await bench.until(lambda: not bench.shops.refused)
        pla = bench.shops.current.loaded.printers[0].filaments["pla"]
        assert str(pla.path) == "mine/pla.json"

    asyncio.run(scenario())


def test_a_reload_can_be_asked_for(bench: Bench) -> None:
    """As SIGHUP does, also where files are not watched."""

    async def scenario() -> None:
        async with bench.watching(period_s=0):
            bench.rename("Second")
            bench.shops.ask()
            await bench.until(lambda: bench.name == "Second")

    asyncio.run(scenario())


def test_reloads_come_one_after_the_other(bench: Bench) -> None:
    """Two signals and a file change at once."""

    async def scenario() -> None:
        running, most = 0, 0

        async def count() -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1

        bench.before_load = count
        await asyncio.gather(*(bench.shops.reload() for _ in range(3)))
        assert (bench.loads, most) == (3, 1)

    asyncio.run(scenario())


def test_the_faults_of_a_refusal_are_kept(bench: Bench) -> None:
    """For whoever asks later."""

    async def fail() -> None:
        raise ShopError([Fault("shop.toml", "name", 3, "is missing")])

    async def scenario() -> None:
        bench.before_load = fail
        with pytest.raises(ShopError):
            await bench.shops.reload()
        assert [str(fault) for fault in bench.shops.refused] == ["shop.toml:3: name: is missing"]

    asyncio.run(scenario())

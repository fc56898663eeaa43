"""The versions of a shop beside a store, for tests of them."""

from __future__ import annotations

from pricing_fdm.health.readiness import Readiness
from pricing_fdm.health.shop_candidate import Candidate, Profile
from pricing_fdm.health.shop_reload import ShopInForce, ShopState
from pricing_fdm.health.shop_versions import SHOP_VERSIONS, ShopVersions
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.contents import Contents, contents_of, packed
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.load import load_shop
from pricing_fdm.slicers.presets.loaded_shop import load_presets
from pricing_fdm.uploads.shop_versions import Keep, VersionStore
from tests.health.idle import idle_readiness
from tests.slicers.profile_folder import ProfileFolder

ELSEWHERE = "0123456789abcdef"
KEEP = Keep(newest=1, needed_s=3600)


class Bench:
    """A shop in force beside a store of versions; it loads nothing, and has no slicer."""

    def __init__(self, folder: ProfileFolder, *, keeps: bool = False) -> None:
        self.asked = 0
        self.state = ShopState(load_presets(load_shop(folder.path)), None)
        self.readiness: Readiness = idle_readiness(folder.path)
        self.shops = ShopInForce(self.state, self._reload, self.readiness)
        self.store = VersionStore(folder.path / ".versions")
        parts = (self.shops, self.store, self, self.readiness, KEEP)
        self.versions = ShopVersions(*parts, keeps=keeps)
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

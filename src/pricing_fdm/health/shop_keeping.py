"""Keeps the store of the shop's versions: what is needed is in it, and what nobody needs is not.

Gateways with admin routes do it, several of them on one store. Nothing is locked. Who puts a
version in force marks it first, and has it in memory: so it is put back when another gateway, a
life-cycle rule of a bucket or a person has removed it meanwhile.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from dataclasses import dataclass, replace

import structlog

from pricing_fdm.errors import ShopStoreMissing, StoreUnavailable
from pricing_fdm.health.shop_candidate import Candidate, Loader
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.contents import packed
from pricing_fdm.uploads.shop_versions import MARKED_EVERY_S, Keep, VersionStore

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Held:
    """The version in force, as this process puts it back."""

    version: str
    archive: bytes
    marked_at_s: float


class StoreKeeper:
    """Keeps one store.

    Its methods raise `ShopStoreMissing` and `StoreUnavailable`, as the store does.

    Args:
        store: Of the versions.
        loader: Gives the files of the shop in force.
        keep: Which versions stay.

    Attributes:
        store: The same.
    """

    def __init__(self, store: VersionStore, loader: Loader, keep: Keep) -> None:
        self.store = store
        self._loader = loader
        self._keep = keep
        self._held: _Held | None = None

    async def put(self, candidate: Candidate) -> None:
        """Stores a version, and removes what nobody needs."""
        archive = packed(candidate.contents)
        await asyncio.to_thread(self.store.put, candidate.version, archive)
        await self.prune()

    async def want(self, version: str) -> None:
        """Notes that a version will be in force soon: who prunes now leaves it.

        Raises:
            ShopVersionNotFound: There is none of this name.
        """
        await asyncio.to_thread(self.store.mark, version, 0)

    async def hold(self, shop: Shop) -> None:
        """Sees to it that the store has a shop that is in force, or will be at once.

        Raises:
            ShopError: Its files have changed since it was loaded.
            ShopVersionNotFound: It was stored, and is gone.
        """
        held, now_s = self._held, time.monotonic()
        if held is None or held.version != shop.files_version:
            archive = packed(await self._loader.contents(shop))
            held = _Held(shop.files_version, archive, -MARKED_EVERY_S)
        await asyncio.to_thread(self.store.put_back, held.version, held.archive)
        if now_s - held.marked_at_s >= MARKED_EVERY_S:
            await asyncio.to_thread(self.store.mark, held.version, shop.quote.valid_days)
            held = replace(held, marked_at_s=now_s)
        self._held = held

    async def prune(self) -> None:
        """Removes what nobody needs; what fails is logged and raises nothing."""
        try:
            gone = await asyncio.to_thread(self.store.prune, self._keep, dt.datetime.now(dt.UTC))
        except (StoreUnavailable, ShopStoreMissing) as error:
            _log.warning("shop_versions_unpruned", detail=error.log_detail)
        else:
            if gone:
                _log.info("shop_versions_pruned", versions=gone)

"""Puts another shop in force while the service runs.

A shop is loaded, checked, and its printers are tried before it takes the place of the one in force.
It is taken whole: quotes that run end with the shop they began with. A faulty shop changes nothing;
the log, `/ready` and a metric say so until a good one is there.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

import structlog

from pricing_fdm.health.readiness import Check, Readiness
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop

SHOP = "shop"

_WATCHED = frozenset({".toml", ".json", ".ini"})

_log = structlog.get_logger()

Stamp: TypeAlias = frozenset[tuple[str, int, int]]


class ReloadResult(StrEnum):
    """How a reload ended; the values of the metric's label `result`."""

    LOADED = "loaded"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ShopState:
    """Everything that changes with the shop, as one value.

    Attributes:
        pipeline: None where nothing can be sliced.
        tried: What the test cube took on each printer; empty where none was sliced.
    """

    loaded: LoadedShop
    pipeline: Pipeline | None
    tried: str = ""

    @property
    def shop(self) -> Shop:
        """What is offered, and what it costs."""
        return self.loaded.shop


class ShopInForce:
    """The one place that says which shop is in force.

    Args:
        state: At start.
        load: Loads and checks the shop's folder and tries its printers; raises `ShopError`.
        readiness: Gets a check that fails while a shop is refused.

    Attributes:
        counts: How often reloads ended in which way.
    """

    def __init__(
        self,
        state: ShopState,
        load: Callable[[ShopState], Awaitable[ShopState]],
        readiness: Readiness,
    ) -> None:
        self.current = state
        self.counts: Counter[ReloadResult] = Counter()
        self.refused: tuple[Fault, ...] = ()
        self._load = load
        self._readiness = readiness
        self._asked = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    def ask(self) -> None:
        """Asks for a reload, as a signal does; `watch` makes it."""
        self._asked.set()

    async def reload(self) -> ReloadResult:
        """Loads the shop again.

        Raises:
            ShopError: It is faulty; the one in force stays.
        """
        async with self._one_at_a_time:
            old = self.current
            try:
                new = await self._load(old)
            except ShopError as error:
                self._refuse(error)
                raise
            return self._take(new)

    async def put(self, make: Callable[[ShopState], Awaitable[ShopState]]) -> ShopState:
        """Puts the shop in force that `make` makes of the present one.

        What `make` raises comes out again, and nothing has changed.
        """
        async with self._one_at_a_time:
            self._take(await make(self.current))
            return self.current

    async def watch(self, period_s: float) -> None:
        """Reloads when asked, and when a file of the shop's folder has changed and then rested."""
        seen = last = await self._stamp()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(period_s or None):
                    await self._asked.wait()
            now = await self._stamp()
            is_written = now != seen and now == last
            last = now
            if self._asked.is_set() or (is_written and period_s):
                self._asked.clear()
                seen = now
                with contextlib.suppress(ShopError):  # it has been told
                    await self.reload()

    def _take(self, new: ShopState) -> ReloadResult:
        self.refused = ()
        self._readiness.set(Check(SHOP, ok=True, detail=f"{new.shop.version} is in force"))
        result = ReloadResult.LOADED
        if new.shop.version == self.current.shop.version:
            result = ReloadResult.UNCHANGED
        self.counts[result] += 1
        self.current = new
        warnings = [str(each) for each in new.loaded.warnings]
        _log.info("shop_loaded", shop_version=new.shop.version, result=result, warnings=warnings)
        return result

    def _refuse(self, error: ShopError) -> None:
        self.counts[ReloadResult.REFUSED] += 1
        self.refused = error.faults
        version, faults = self.current.shop.version, [str(fault) for fault in error.faults]
        _log.error("shop_refused", shop_version=version, faults=faults)
        detail = f"{version} stays in force; the shop's files are faulty: {'; '.join(faults)}"
        self._readiness.set(Check(SHOP, ok=False, detail=detail, needed=False))

    async def _stamp(self) -> Stamp:
        return await asyncio.to_thread(_stamp_of, self.current.shop.folder)


def _stamp_of(folder: Path) -> Stamp:
    """Time and size of every file that a shop can consist of."""
    stamp = set()
    for path in folder.rglob("*"):
        if path.suffix in _WATCHED:
            with contextlib.suppress(OSError):
                about = path.stat()
                stamp.add((str(path), about.st_mtime_ns, about.st_size))
    return frozenset(stamp)

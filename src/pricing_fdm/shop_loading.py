"""Loads the shop of the settings: at start, and again while the service runs.

Which shop that is, `shop_source` says. A shop is checked and its printers are tried before it is
in force.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from pricing_fdm.health.self_test import Proof, SelfTest, try_printers
from pricing_fdm.health.shop_candidate import Candidate, Profile
from pricing_fdm.health.shop_reload import ShopState
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.quoting.workshop import Workshop
from pricing_fdm.settings.fault import SettingsError
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.contents import Contents
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.load import SHOP_FILE
from pricing_fdm.shop_source import ShopSource, shop_error
from pricing_fdm.slicers.engine import Engine, SlicerUnavailable
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop
from pricing_fdm.slicers.registry import Engines

# How long another thread may wait for the interpreter while a shop is being loaded: a tenth of
# Python's own 5 ms, so that a quote is not held up at each of its steps.
_SWITCH_S = 0.0005

_T = TypeVar("_T")


async def workshop_of(loaded: LoadedShop, engines: Engines) -> Workshop:
    """The shop with the slicers of its printers.

    Raises:
        ShopError: A slicer is not there, or cannot do what the shop offers.
    """
    found: dict[str, Engine] = {}
    for printer in loaded.printers:
        try:
            found[printer.id] = await engines.named(printer.engine)
        except SlicerUnavailable as error:
            key = f"printers[{printer.id}].engine"
            raise ShopError([Fault(SHOP_FILE, key, None, str(error))]) from error
    return await in_background(lambda: Workshop.fitted(loaded, MappingProxyType(found)))


@dataclass(frozen=True, slots=True)
class ShopLoader:
    """Loads shops beside the one in force, and tries their printers.

    Attributes:
        engines: None where nothing is sliced.
    """

    source: ShopSource
    engines: Engines | None

    async def __call__(self, old: ShopState) -> ShopState:
        """The shop that should be in force now, with its printers tried.

        Raises:
            ShopError: It is faulty, or a printer does not print the test cube.
        """
        try:
            loaded = await in_background(self.source.load)
        except SettingsError as error:
            raise shop_error(error) from error
        return await self._tried(loaded, old)

    async def stored(self, version: str, old: ShopState, *, tried: bool = True) -> ShopState:
        """A stored version, with its printers tried if that is wanted.

        Raises:
            ShopError: As above.
            ShopVersionNotFound, StoreUnavailable: As `ShopSource.stored`.
        """
        loaded = await in_background(lambda: self.source.stored(version))
        if tried:
            return await self._tried(loaded, old)
        return ShopState(loaded, await self._pipeline(loaded, old))

    async def edited(self, text: bytes, old: ShopState) -> Candidate:
        """The shop with another shop file, with its printers tried.

        Raises:
            ShopError: As above.
        """
        loaded, contents = await in_background(lambda: self.source.edited(text, old.shop))
        return Candidate(await self._tried(loaded, old), contents)

    async def with_profile(self, profile: Profile, old: ShopState) -> Candidate:
        """The shop with the presets of a profile, with its printers tried.

        Raises:
            ShopError: As above, or the profile cannot be read.
        """
        from pricing_fdm.shop_changes.report import report  # noqa: PLC0415 - as above

        loaded, contents, additions = await in_background(
            lambda: self.source.with_profile(profile, old.shop)
        )
        state = await self._tried(loaded, old)
        test = SelfTest(Proof.GOOD, state.tried or "nothing is sliced here")
        lines = [line for addition in additions for line in report(addition, test)]
        return Candidate(state, contents, tuple(lines))

    async def contents(self, shop: Shop) -> Contents:
        """The files of the shop in force."""
        return await in_background(lambda: self.source.contents(shop))

    async def folder_mark(self) -> str:
        """Stands for what lies in the shop's folder now."""
        return await in_background(self.source.folder_mark)

    async def _tried(self, loaded: LoadedShop, old: ShopState) -> ShopState:
        pipeline = await self._pipeline(loaded, old)
        if pipeline is None:
            return ShopState(loaded, None)
        # With a slot of its own, and the processors that are left: no quote waits for the test.
        beside = Admission(slots=1, places=1, wait_s=1)
        test = await try_printers(replace(pipeline, admission=beside, in_background=True))
        if test.proof is not Proof.GOOD:
            raise ShopError([Fault(SHOP_FILE, "printers", None, test.detail)])
        return ShopState(loaded, pipeline, test.detail)

    async def _pipeline(self, loaded: LoadedShop, old: ShopState) -> Pipeline | None:
        if old.pipeline is None or self.engines is None:
            return None
        return replace(old.pipeline, workshop=await workshop_of(loaded, self.engines))


async def in_background(work: Callable[[], _T]) -> _T:
    """Runs work of a second or less in a thread, and lets the event loop go first."""
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(min(usual_s, _SWITCH_S))
    try:
        return await asyncio.to_thread(work)
    finally:
        sys.setswitchinterval(usual_s)

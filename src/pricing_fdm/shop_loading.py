"""Loads the shop of the settings: at start, and again while the service runs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from pricing_fdm.health.self_test import Proof, try_printers
from pricing_fdm.health.shop_reload import ShopState
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.workshop import Workshop
from pricing_fdm.settings.fault import SettingsError
from pricing_fdm.settings.shop import ShopSettings
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.load import SHOP_FILE
from pricing_fdm.slicers.engine import Engine, SlicerUnavailable
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop, load_presets
from pricing_fdm.slicers.registry import Engines

# How long another thread may wait for the interpreter while a shop is being loaded: a tenth of
# Python's own 5 ms, so that a quote is not held up at each of its steps.
_SWITCH_S = 0.0005

_T = TypeVar("_T")


def load_shop_files(settings: ShopSettings) -> LoadedShop:
    """The shop and its presets.

    Raises:
        SettingsError: The shop is faulty; everything that is wrong is named.
    """
    shop = settings.load()
    try:
        return load_presets(shop)
    except ShopError as error:
        raise SettingsError(tuple(map(str, error.faults))) from error


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
    """Loads the shop again, as `ShopInForce` wants it.

    Attributes:
        engines: None where nothing is sliced.
    """

    settings: ShopSettings
    engines: Engines | None

    async def __call__(self, old: ShopState) -> ShopState:
        """The shop as it is now, with its printers tried.

        Raises:
            ShopError: It is faulty, or a printer does not print the test cube.
        """
        try:
            loaded = await in_background(lambda: load_shop_files(self.settings))
        except SettingsError as error:
            raise _shop_error(error) from error
        if old.pipeline is None or self.engines is None:
            return ShopState(loaded, old.pipeline)
        pipeline = replace(old.pipeline, workshop=await workshop_of(loaded, self.engines))
        # With a slot of its own, and the processors that are left: no quote waits for the test.
        beside = Admission(slots=1, places=1, wait_s=1)
        test = await try_printers(replace(pipeline, admission=beside, in_background=True))
        if test.proof is not Proof.GOOD:
            raise ShopError([Fault(SHOP_FILE, "printers", None, test.detail)])
        return ShopState(loaded, pipeline)


def _shop_error(error: SettingsError) -> ShopError:
    if isinstance(error.__cause__, ShopError):
        return error.__cause__
    return ShopError(Fault("environment", "", None, fault) for fault in error.faults)


async def in_background(work: Callable[[], _T]) -> _T:
    """Runs work of a second or less in a thread, and lets the event loop go first."""
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(min(usual_s, _SWITCH_S))
    try:
        return await asyncio.to_thread(work)
    finally:
        sys.setswitchinterval(usual_s)

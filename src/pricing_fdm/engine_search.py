"""Finds the slicers of this machine, with the sandbox and the display that they run in."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import replace

from pricing_fdm.health.readiness import Check, Readiness
from pricing_fdm.sandbox.probe import find_sandbox
from pricing_fdm.sandbox.sandbox import Sandbox
from pricing_fdm.settings.slicing import OrcaDisplay, OrcaResult, Slicing
from pricing_fdm.slicers.engine import Engine, EngineSetup, SlicerUnavailable
from pricing_fdm.slicers.fallback import FallbackEngine
from pricing_fdm.slicers.orca.display import VirtualDisplay
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop
from pricing_fdm.slicers.registry import Engines


async def find_engines(
    slicing: Slicing,
    loaded: LoadedShop,
    readiness: Readiness,
    stack: contextlib.AsyncExitStack,
) -> tuple[Engines | None, Sandbox | None]:
    """The slicers and their sandbox; None where there are none, and readiness has the reason.

    Args:
        slicing: Which slicers, and how.
        loaded: The shop, whose printers need them.
        readiness: Gets the checks.
        stack: Ends the display.
    """
    display = None
    if slicing.orca_display is OrcaDisplay.XVFB:
        try:
            display = await VirtualDisplay.start()
        except SlicerUnavailable as error:
            readiness.set(Check("slicer", ok=False, detail=str(error)))
            return None, None
        stack.callback(display.stop)
        readiness.watch(functools.partial(_check_display, display))

    async def start(sandbox: Sandbox) -> Engines:
        setup = EngineSetup(
            replace(slicing.limits(), sandbox=sandbox),
            reproducible=slicing.slice_reproducible,
            gcode_only=slicing.orca_result is OrcaResult.GCODE,
            display=display.name if display else None,
        )
        engines = Engines(
            slicing.slicer,
            setup,
            binaries={"orca": slicing.orca_binary, "prusa": slicing.prusa_binary},
            fallback=slicing.slicer_fallback,
        )
        for printer in loaded.printers:
            await engines.named(printer.engine)
        return engines

    probed = await find_sandbox(slicing.sandbox, start)
    readiness.set(Check("sandbox", ok=probed.sandbox is not None, detail=probed.detail))
    if probed.started is not None:
        readiness.set(Check("slicer", ok=True, detail=", ".join(map(_name, probed.started))))
    elif probed.obstacle is not None:
        readiness.set(Check("slicer", ok=False, detail=probed.obstacle))
    return probed.started, probed.sandbox


def _check_display(display: VirtualDisplay) -> Check:
    state = "runs" if display.alive else "has ended; restart the service"
    return Check("display", ok=display.alive, detail=f"Xvfb on {display.name} {state}")


def _name(engine: Engine) -> str:
    if isinstance(engine, FallbackEngine):
        second = engine.second
        return f"{engine.name} {engine.version}, where it crashes {second.name} {second.version}"
    return f"{engine.name} {engine.version}"

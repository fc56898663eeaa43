"""Finds the engines that `SLICER` and `SLICER_FALLBACK` ask for.

`auto` takes OrcaSlicer when it is there and PrusaSlicer otherwise. A slicer that is there and does
not run is an error, never a reason to price with the other one in silence: their figures differ.
"""

from __future__ import annotations

from enum import StrEnum

from pricing_fdm.sandbox.process import Limits
from pricing_fdm.slicers.binaries import find_binary
from pricing_fdm.slicers.cores import Cores
from pricing_fdm.slicers.engine import Engine, SlicerUnavailable
from pricing_fdm.slicers.fallback import FallbackEngine
from pricing_fdm.slicers.orca.engine import OrcaEngine, OrcaResult
from pricing_fdm.slicers.presets.preset_set import ProfileSet
from pricing_fdm.slicers.prusa.engine import PrusaEngine


class SlicerChoice(StrEnum):
    """The values of `SLICER`."""

    AUTO = "auto"
    ORCA = "orca"
    PRUSA = "prusa"


class FallbackChoice(StrEnum):
    """The values of `SLICER_FALLBACK`."""

    NONE = "none"
    PRUSA = "prusa"


async def find_engine(
    choice: SlicerChoice,
    *,
    fallback: FallbackChoice = FallbackChoice.NONE,
    orca_binary: str,
    prusa_binary: str,
    profiles: ProfileSet,
    limits: Limits,
    display: str | None = None,
    orca_result: OrcaResult = OrcaResult.ARCHIVE,
    reproducible: bool = False,
) -> Engine:
    """Finds and starts the chosen slicer once, to learn its version, and its fallback likewise.

    Where `auto` has taken the slicer that should be the fallback, there is none.

    Raises:
        SlicerUnavailable: One is not there or does not run; the message says what to do.
    """
    cores = Cores()
    first = await _find_first(
        choice,
        orca_binary=orca_binary,
        prusa_binary=prusa_binary,
        profiles=profiles,
        limits=limits,
        display=display,
        orca_result=orca_result,
        cores=cores,
        reproducible=reproducible,
    )
    if fallback is FallbackChoice.NONE or first.name == fallback:
        return first
    prusa = find_binary(prusa_binary)
    if prusa is None:
        raise SlicerUnavailable(
            f"SLICER_FALLBACK asks for PrusaSlicer, and no {prusa_binary} was found on PATH. "
            "Install it, set PRUSA_BINARY to its path, or set SLICER_FALLBACK=none."
        )
    second = await PrusaEngine.find(prusa, profiles, limits, cores, reproducible=reproducible)
    return FallbackEngine(first, second, total_s=limits.wall_s)


async def _find_first(
    choice: SlicerChoice,
    *,
    orca_binary: str,
    prusa_binary: str,
    profiles: ProfileSet,
    limits: Limits,
    display: str | None,
    orca_result: OrcaResult,
    cores: Cores,
    reproducible: bool,
) -> Engine:
    orca = find_binary(orca_binary) if choice is not SlicerChoice.PRUSA else None
    if orca is not None:
        return await OrcaEngine.find(
            orca, profiles, limits, display, result=orca_result, cores=cores
        )
    prusa = find_binary(prusa_binary) if choice is not SlicerChoice.ORCA else None
    if prusa is not None:
        return await PrusaEngine.find(prusa, profiles, limits, cores, reproducible=reproducible)
    raise SlicerUnavailable(_missing(choice, orca_binary, prusa_binary))


def _missing(choice: SlicerChoice, orca_binary: str, prusa_binary: str) -> str:
    looked_for = {
        SlicerChoice.AUTO: f"neither OrcaSlicer ({orca_binary}) nor PrusaSlicer ({prusa_binary})",
        SlicerChoice.ORCA: f"no OrcaSlicer ({orca_binary})",
        SlicerChoice.PRUSA: f"no PrusaSlicer ({prusa_binary})",
    }[choice]
    return (
        f"{looked_for} was found on PATH. Run `make setup`, install one, "
        "or set ORCA_BINARY or PRUSA_BINARY to its path."
    )

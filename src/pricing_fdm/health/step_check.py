"""Checks whether STEP files can be read. Where they cannot, they are refused and the rest works."""

from __future__ import annotations

from pricing_fdm.health.readiness import Check, Readiness
from pricing_fdm.mesh.step.converter import StepConverter
from pricing_fdm.sandbox.process import Limits, ProgramUnavailable

_STEP = "step"


def create_converter(
    limits: Limits, readiness: Readiness, *, max_triangles: int, at_once: int
) -> StepConverter | None:
    """The converter, as `StepConverter.create`; None where a package is missing."""
    try:
        converter = StepConverter.create(limits, max_triangles=max_triangles, at_once=at_once)
    except ProgramUnavailable as error:
        readiness.set(_refused(str(error)))
        return None
    readiness.set(Check(_STEP, ok=False, detail="not tried yet", needed=False))
    return converter


async def try_converter(converter: StepConverter | None, readiness: Readiness) -> None:
    """Tries the converter, once in the life of the process, and sets the check."""
    if converter is None:
        return
    obstacle = await converter.obstacle()
    detail = f"read with cascadio {converter.version}"
    works = Check(_STEP, ok=True, detail=detail, needed=False)
    readiness.set(_refused(obstacle) if obstacle else works)


def _refused(obstacle: str) -> Check:
    return Check(_STEP, ok=False, detail=f"STEP files are refused: {obstacle}", needed=False)

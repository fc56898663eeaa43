"""The self-test: a small cube goes through the whole pipeline, and its figures must be plausible.

It proves that the slicer works here. Every sane profile gives figures within the bounds.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum, auto
from pathlib import Path
from types import MappingProxyType

from pricing_fdm.errors import CapacityError, PricingError
from pricing_fdm.health.readiness import SELF_TEST, Check, Readiness
from pricing_fdm.health.step_check import try_converter
from pricing_fdm.model import Download, Order, PrintQuality, PrintSettings
from pricing_fdm.pricing.exact import rounded
from pricing_fdm.quoting.cache.result_cache import ResultCache
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.quoting.quarantine import Quarantine
from pricing_fdm.quoting.single_flight import SingleFlight
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.slicers.engine import Engine
from pricing_fdm.slicers.fallback import FallbackEngine
from pricing_fdm.slicers.presets.loaded_shop import PrinterPresets

_CUBE_MM = 10
_USUAL_UM = 200
# A 10 mm cube is 1 cm3 and its walls alone a quarter of that; a skirt or a brim comes on top.
_CUBE_CM3 = (Decimal("0.2"), Decimal(3))
_CUBE_S = (Decimal(20), Decimal(7200))


class Proof(Enum):
    """What a self-test says about the slicer.

    Only FAILED counts against it. UNDECIDED: the test could not be made, because the disk is full,
    every place is taken or the service itself is at fault.
    """

    GOOD = auto()
    FAILED = auto()
    UNDECIDED = auto()


@dataclass(frozen=True, slots=True)
class SelfTest:
    """How a self-test ended, and why or with which figures.

    Attributes:
        slicer_version: Of the slicer that made them; empty where there are none.
    """

    proof: Proof
    detail: str
    slicer_version: str = ""


async def prove(pipeline: Pipeline | None, readiness: Readiness) -> SelfTest:
    """Makes the self-test, and tries the STEP converter; `readiness` gets both results.

    A test that could not be made leaves an earlier good one as it is. When the cube fails, the
    slicer is at fault and not the models of callers: the quarantine is emptied.
    """
    if pipeline is None:
        return SelfTest(Proof.GOOD, "nothing is sliced here")
    try:
        async with asyncio.TaskGroup() as both:  # a cancelled one has ended when this is left
            tested = both.create_task(try_printers(pipeline))
            both.create_task(try_converter(pipeline.inspector.converter, readiness))
        test = tested.result()
    except ExceptionGroup as errors:  # the outermost edge of a background task
        reasons = "; ".join(map(repr, errors.exceptions))
        test = SelfTest(Proof.UNDECIDED, f"broken off by {reasons}")
        readiness.set(Check(SELF_TEST, ok=False, detail=test.detail))
    if test.proof is not Proof.UNDECIDED or not readiness.is_proved():
        readiness.set(Check(SELF_TEST, ok=test.proof is Proof.GOOD, detail=test.detail))
    if test.proof is Proof.FAILED:
        pipeline.quarantine.forget_all()
    return test


async def try_printers(pipeline: Pipeline) -> SelfTest:
    """Prices the cube on every printer of the shop, with one quality and one material of each.

    That is enough: each preset was read and checked by itself, and what can still be wrong is how a
    slicer and a machine preset get on. Nothing but the slicer may answer: no cache, no quarantine,
    no slice of a caller.
    """
    figures = {}
    for printer in pipeline.workshop.loaded.printers:
        test = await try_printer(pipeline, printer)
        if test.proof is not Proof.GOOD:
            return test
        figures[printer.id] = test.detail
    details = [f"{name}: {each}" for name, each in figures.items()]
    return SelfTest(Proof.GOOD, "; ".join(details if len(details) > 1 else figures.values()))


async def try_printer(pipeline: Pipeline, printer: PrinterPresets) -> SelfTest:
    """Prices the cube on one printer, with each of its slicers."""
    test = SelfTest(Proof.UNDECIDED, "there is no slicer")
    for engine in _each(pipeline.workshop.engines[printer.id]):
        engines = MappingProxyType({**pipeline.workshop.engines, printer.id: engine})
        alone = replace(
            pipeline,
            workshop=replace(pipeline.workshop, engines=engines),
            results=ResultCache.none(),
            quarantine=Quarantine(remember_s=0),
            single_flight=SingleFlight(),
        )
        test = await _test(alone, printer)
        if test.proof is not Proof.GOOD:
            break
    return test


def _each(engine: Engine) -> tuple[Engine, ...]:
    """Both slicers of a pair: a fallback must not hide that the first one is broken."""
    return (engine.first, engine.second) if isinstance(engine, FallbackEngine) else (engine,)


async def _test(pipeline: Pipeline, printer: PrinterPresets) -> SelfTest:
    try:
        quote = await pipeline.quote(_usual_order(pipeline.shop, printer), _cube, StageTimer())
    except PricingError as error:
        proof = Proof.UNDECIDED if isinstance(error, CapacityError) else Proof.FAILED
        detail = f"{error.code}: {error.detail} {error.log_detail or ''}".strip()
        return SelfTest(proof, f"the test cube was not priced on {printer.name}: {detail}")
    cm3, time_s = quote.metrics.volume_cm3, quote.metrics.print_time_s
    grams = rounded(quote.metrics.filament_g, "0.01")
    figures = f"a {_CUBE_MM} mm cube takes {grams} g and {time_s} s"
    if not (_CUBE_CM3[0] <= cm3 <= _CUBE_CM3[1] and _CUBE_S[0] <= time_s <= _CUBE_S[1]):
        return SelfTest(Proof.FAILED, f"implausible figures on {printer.name}: {figures}")
    return SelfTest(Proof.GOOD, figures, quote.engine.version)


def _usual_order(shop: Shop, printer: PrinterPresets) -> Order:
    """PLA in 0.2 mm layers where the printer has them, as their figures are known best."""
    material = "pla" if "pla" in printer.filaments else next(iter(printer.filaments))
    qualities = [each for each in shop.qualities if each.id in printer.processes]
    quality = next((each for each in qualities if each.layer_thickness == _USUAL_UM), qualities[0])
    settings = PrintSettings(material, 20, PrintQuality(quality.id, quality.layer_thickness))
    return Order(settings, printer=printer.id)


async def _cube(destination: Path) -> Download:
    """Writes an ASCII STL of a cube, so that the self-test needs no file."""
    corners = [(x, y, z) for x in (0, _CUBE_MM) for y in (0, _CUBE_MM) for z in (0, _CUBE_MM)]
    faces = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    lines = ["solid cube"]
    for a, b, c, d in faces:
        for triangle in ((a, b, c), (a, c, d)):
            lines += ["facet normal 0 0 0", "outer loop"]
            lines += ["vertex {} {} {}".format(*corners[index]) for index in triangle]
            lines += ["endloop", "endfacet"]
    content = "\n".join([*lines, "endsolid", ""]).encode()
    destination.write_bytes(content)  # noqa: ASYNC240 - 1.5 kB
    return Download(destination, len(content), hashlib.sha256(content).hexdigest())

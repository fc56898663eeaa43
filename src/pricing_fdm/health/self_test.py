"""The self-test: a small cube goes through the whole pipeline, and its figures must be plausible.

It proves the slicer by work. The band of figures is one that any sane profile meets.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from pathlib import Path
from uuid import uuid4

from pricing_fdm.errors import CapacityError, PricingError
from pricing_fdm.model import Download, LayerThickness, Material, Order, PrintSettings
from pricing_fdm.pricing.exact import rounded
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.quoting.timing import StageTimer

_CUBE_MM = 10
# A 10 mm cube is 1 cm3: solid PLA would weigh 1.24 g, and its walls alone a quarter of that.
_CUBE_G = (Decimal("0.3"), Decimal("1.5"))
_CUBE_S = (Decimal(60), Decimal(3600))


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
    """How a self-test ended, and why or with which figures."""

    proof: Proof
    detail: str


async def self_test(pipeline: Pipeline) -> SelfTest:
    """Prices a 10 mm cube and judges the figures."""
    order = Order(PrintSettings(Material.PLA, 20, LayerThickness.STANDARD))
    try:
        quote = await pipeline.quote(order, _cube, StageTimer())
    except PricingError as error:
        proof = Proof.UNDECIDED if isinstance(error, CapacityError) else Proof.FAILED
        detail = f"{error.code}: {error.detail} {error.log_detail or ''}".strip()
        return SelfTest(proof, f"the test cube was not priced: {detail}")
    grams, time_s = quote.metrics.filament_g, quote.metrics.print_time_s
    figures = f"a {_CUBE_MM} mm cube takes {rounded(grams, '0.01')} g and {time_s} s"
    plausible = _CUBE_G[0] <= grams <= _CUBE_G[1] and _CUBE_S[0] <= time_s <= _CUBE_S[1]
    if not plausible:
        return SelfTest(Proof.FAILED, f"implausible figures: {figures}")
    return SelfTest(Proof.GOOD, figures)


async def _cube(destination: Path) -> Download:
    """An ASCII STL of a cube, so that the self-test needs no file of ours.

    Its name is another each time: a slicer that failed at this cube twice and works again must
    not be kept from it by the memory of files that are poison.
    """
    corners = [(x, y, z) for x in (0, _CUBE_MM) for y in (0, _CUBE_MM) for z in (0, _CUBE_MM)]
    faces = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    lines = [f"solid {uuid4()}"]
    for a, b, c, d in faces:
        for triangle in ((a, b, c), (a, c, d)):
            lines += ["facet normal 0 0 0", "outer loop"]
            lines += ["vertex {} {} {}".format(*corners[index]) for index in triangle]
            lines += ["endloop", "endfacet"]
    content = "\n".join([*lines, "endsolid", ""]).encode()
    destination.write_bytes(content)  # noqa: ASYNC240 - 1.5 kB
    return Download(destination, len(content), hashlib.sha256(content).hexdigest())

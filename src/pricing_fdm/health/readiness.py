"""Whether the service can price, and if not, why.

Liveness is another question (the process answers) and asks nothing here. Readiness is proved by
work: a small cube goes through the whole pipeline once, and its figures must lie in a band that
any sane profile meets. A full queue is not unreadiness; each request hears of that itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from pathlib import Path
from uuid import uuid4

from pricing_fdm.errors import CapacityError, PricingError, WorkspaceFull
from pricing_fdm.model import Download, IsKnown, LayerThickness, Material, Order, PrintSettings
from pricing_fdm.pricing.exact import rounded
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.quoting.workspace import Workspaces

SELF_TEST = "self_test"

_CUBE_MM = 10
# A 10 mm cube is 1 cm3: solid PLA would weigh 1.24 g, and its walls alone a quarter of that.
_CUBE_G = (Decimal("0.3"), Decimal("1.5"))
_CUBE_S = (Decimal(60), Decimal(3600))


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that should be right, and what is wrong with it if it is not.

    Attributes:
        needed: Whether the service is ready only when this is right. One that is not needed tells
            what is missing while the rest works.
    """

    name: str
    ok: bool
    detail: str
    needed: bool = True


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


class Readiness:
    """What was found at start, and what is looked at anew each time.

    Args:
        workspaces: Looked at on each call.
        is_draining: Asked on each call.
    """

    def __init__(self, workspaces: Workspaces, is_draining: Callable[[], bool]) -> None:
        self._workspaces = workspaces
        self._is_draining = is_draining
        self._found: dict[str, Check] = {}
        self._watched: list[Callable[[], Check]] = []

    def watch(self, look: Callable[[], Check]) -> None:
        """Adds something that is looked at on each call."""
        self._watched.append(look)

    def set(self, check: Check) -> None:
        """Remembers a finding; a later one of the same name replaces it."""
        self._found[check.name] = check

    def checks(self) -> tuple[Check, ...]:
        """All findings, as of now."""
        current = [check_workspace(self._workspaces), *(look() for look in self._watched)]
        if self._is_draining():
            current.append(Check("draining", ok=False, detail="the service is shutting down"))
        return (*self._found.values(), *current)

    def is_proved(self) -> bool:
        """Whether the last self-test was good."""
        test = self._found.get(SELF_TEST)
        return test is not None and test.ok

    def is_ready(self) -> bool:
        """Whether every check that is needed is good."""
        return is_ready(self.checks())


def is_ready(checks: Iterable[Check]) -> bool:
    """Whether every check that is needed is good, for who has looked already."""
    return all(check.ok for check in checks if check.needed)


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


def check_workspace(workspaces: Workspaces) -> Check:
    """Whether a quote finds room to work."""
    try:
        workspaces.require_room()
    except WorkspaceFull as error:
        return Check("temp_dir", ok=False, detail=error.log_detail or error.detail)
    return Check("temp_dir", ok=True, detail=f"{workspaces.root} is writable and has room")


async def _cube(destination: Path, _is_known: IsKnown) -> Download:
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

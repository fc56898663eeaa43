"""Reads one model for the printers that an order could be printed on, as seldom as can be.

Reading takes longer than all the rest of an estimate. What was read of a file is kept a while: who
changes the material, the infill or the quantity asks about the same sections. Printers whose
presets ask for the same sections share a reading, if the part fits their beds however it lies: no
bed then has a say in its pose.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeAlias

from cachetools import LRUCache

from pricing_fdm.estimate.features import Sections
from pricing_fdm.estimate.preset_figures import section_plan
from pricing_fdm.model import BuildVolume, Order, Part
from pricing_fdm.quoting.estimate_notes import figures_for
from pricing_fdm.quoting.estimate_prices import Measured
from pricing_fdm.quoting.inspector import Inspector, PrintSetup
from pricing_fdm.quoting.slicing import FetchedModel
from pricing_fdm.quoting.workshop import Plan

MOST_COMPARED = 3
"""Readings of a model for printers besides the chosen one."""

_MOST_KEPT = 200


ReadingCache: TypeAlias = LRUCache[tuple[str, str], tuple[Part, Sections]]
"""By the file's digest, and what its inspection depends on."""


def reading_cache() -> ReadingCache:
    """For the last files of a service, some 40 kB each."""
    return LRUCache(_MOST_KEPT)


class Readings:
    """The readings of one model."""

    def __init__(
        self, order: Order, model: FetchedModel, inspector: Inspector, cache: ReadingCache
    ) -> None:
        self._order = order
        self._model = model
        self._inspector = inspector
        self._cache = cache
        self._known: list[tuple[PrintSetup, Measured]] = []
        self._compared = 0

    async def of(self, plan: Plan) -> Measured:
        """The part as it would be printed on a printer.

        Raises:
            ModelError: It cannot be.
        """
        figures = figures_for(plan, self._order)
        setup = self._setup(plan)
        known = self._alike(setup)
        if known is not None:
            return replace(known, plan=plan, figures=figures)
        key = self._key(setup)
        if key not in self._cache:
            async with self._model.inspection.inspected(setup) as inspected:
                self._cache[key] = await inspected.part(), await inspected.sections()
        measured = Measured(plan, *self._cache[key], figures)
        self._known.append((setup, measured))
        return measured

    def takes(self, plan: Plan) -> bool:
        """Whether a printer may be compared with the chosen one: as many readings as are left."""
        setup = self._setup(plan)
        if self._alike(setup) is None and self._key(setup) not in self._cache:
            self._compared += 1
        return self._compared <= MOST_COMPARED

    def _key(self, setup: PrintSetup) -> tuple[str, str]:
        return self._model.download.sha256, self._inspector.identity(setup)

    def _setup(self, plan: Plan) -> PrintSetup:
        supports = self._order.print_settings.supports
        return replace(plan.setup, sections=section_plan(figures_for(plan, self._order), supports))

    def _alike(self, setup: PrintSetup) -> Measured | None:
        for known, measured in self._known:
            holds = _holds(known.volume, measured.part) and _holds(setup.volume, measured.part)
            if known == setup or (holds and replace(known, volume=setup.volume) == setup):
                return measured
        return None


def _holds(volume: BuildVolume, part: Part) -> bool:
    """Whether a part fits, however it lies."""
    return math.hypot(*part.dimensions_mm) <= min(volume.x_mm, volume.y_mm, volume.z_mm)

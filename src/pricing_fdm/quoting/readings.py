"""Reads one model for the printers that an order could be printed on, as seldom as can be.

Reading takes longer than all the rest of an estimate. Printers whose presets ask for the same
sections share a reading, if the part fits their beds however it lies: no bed then has a say in its
pose.
"""

from __future__ import annotations

import math
from dataclasses import replace

from pricing_fdm.estimate.preset_figures import section_plan
from pricing_fdm.model import BuildVolume, Order, Part
from pricing_fdm.quoting.estimate_notes import figures_for
from pricing_fdm.quoting.estimate_prices import Measured
from pricing_fdm.quoting.inspector import PrintSetup
from pricing_fdm.quoting.slicing import FetchedModel
from pricing_fdm.quoting.workshop import Plan

MOST_COMPARED = 3
"""Readings of a model for printers besides the chosen one."""


class Readings:
    """The readings of one model."""

    def __init__(self, order: Order, model: FetchedModel) -> None:
        self._order = order
        self._model = model
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
        async with self._model.inspection.inspected(setup) as inspected:
            part, sections = await inspected.part(), await inspected.sections()
        measured = Measured(plan, part, sections, figures)
        self._known.append((setup, measured))
        return measured

    def takes(self, plan: Plan) -> bool:
        """Whether a printer may be compared with the chosen one: as many readings as are left."""
        if self._alike(self._setup(plan)) is None:
            self._compared += 1
        return self._compared <= MOST_COMPARED

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

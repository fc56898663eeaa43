"""Two engines as one: where the first crashes at a model, the second is tried, once.

Only after a crash. A refusal is an answer, a limit would be met again, and a fault of our own
settings must not be hidden. Both tries share one time limit, so a quote takes no longer. The
figures of two slicers differ by several percent: the quote carries a warning, and the operator has
to ask for a fallback.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from time import monotonic

from pricing_fdm.errors import ModelError, PricingError, ResultIncomplete, SlicerCrashed
from pricing_fdm.model import EngineInfo, QuoteWarning, Slice
from pricing_fdm.shop.faults import Fault
from pricing_fdm.slicers.engine import NO_OVERRIDES, SliceJob
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.program import ProgramEngine

FALLBACK = "slicer_fallback"
"""Code of the warning in a quote by the second engine."""

_SUFFIX = "-fallback"
_LEAST_S = 1.0  # no slicer finishes anything in less


class FallbackEngine:
    """Slices with the first engine and, where that crashes, with the second.

    It has the first one's name and version; a finished slice names the engine that made it. The
    second try reports its progress from the start again.

    Args:
        first: The engine whose figures are wanted.
        second: The engine that is tried after a crash.
        total_s: Seconds that both tries may take together.

    Attributes:
        fallbacks: How often the second was tried.
    """

    def __init__(self, first: ProgramEngine, second: ProgramEngine, *, total_s: float) -> None:
        self.name = first.name
        self.version = first.version
        self.first = first
        self.second = second
        self.fallbacks = 0
        self._total_s = total_s

    @property
    def identity(self) -> str:
        """That of the first: the figures of the second are not cached."""
        return self.first.identity

    def info(self, presets: ChosenPresets) -> EngineInfo:
        """Names the first engine and these presets."""
        return self.first.info(presets)

    def faults(
        self, presets: ChosenPresets, overrides: Mapping[str, str] = NO_OVERRIDES
    ) -> tuple[Fault, ...]:
        """What one of the two cannot do; see `Engine.faults`."""
        return (*self.first.faults(presets, overrides), *self.second.faults(presets, overrides))

    async def slice(self, job: SliceJob) -> Slice:
        """Slices; see `Engine.slice`.

        When both fail, the first one's crash is raised, unless the second refuses the model: that
        says more.
        """
        started_s, second_job = monotonic(), _second_job(job)
        try:
            return await self.first.slice(job)
        except (SlicerCrashed, ResultIncomplete) as crash:
            left_s = min(self._total_s, job.at_most_s) - (monotonic() - started_s)
            if left_s < _LEAST_S:
                raise
            return await self._slice_with_second(replace(second_job, at_most_s=left_s), crash)

    async def _slice_with_second(self, job: SliceJob, crash: PricingError) -> Slice:
        self.fallbacks += 1
        try:
            sliced = await self.second.slice(job)
        except PricingError as error:
            raised = error if isinstance(error, ModelError) else crash
            raised.log_detail = (
                f"{self.name}: {crash.log_detail}; then {self.second.name}: {error.log_detail}"
            )
            raise raised from error
        return replace(sliced, warnings=(self._warning(), *sliced.warnings))

    def _warning(self) -> QuoteWarning:
        return QuoteWarning(
            "slicer_fallback",
            f"{_titled(self.first)} failed at this model. The figures come from "
            f"{_titled(self.second)} and may differ by several percent from its own.",
        )


def _second_job(job: SliceJob) -> SliceJob:
    """The same job in a folder of its own that holds nothing but the model.

    It is made before the first slicer runs, which could leave anything in the model's place.
    """
    folder = job.folder.with_name(f"{job.folder.name}{_SUFFIX}")
    folder.mkdir()
    model = folder / job.model.name
    os.link(job.model, model)
    return replace(job, model=model, folder=folder)


def _titled(engine: ProgramEngine) -> str:
    return f"{engine.title} {engine.version}"

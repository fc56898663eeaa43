"""The one interface behind which both slicers stand.

An engine turns a clean STL and print settings into a finished run whose figures can be trusted or
an error that says why not. What differs between slicers (command line, configuration format, core
policy, exit codes) stays behind it; what must not differ is tested once for both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from pricing_fdm.model import EngineInfo, PrintSettings, Slice
from pricing_fdm.sandbox.process import Limits, ProgramUnavailable


class SlicerUnavailable(ProgramUnavailable):
    """No slicer can be used; the message says which was looked for and what is wrong."""


@dataclass(frozen=True, slots=True)
class SliceJob:
    """One slice to make.

    Attributes:
        stl: Clean binary STL, finished and placed; the slicer moves nothing.
        folder: The run's own folder; everything the slicer writes stays in it.
        sharers: How many slices share the machine's cores, this one among them.
        on_progress: Is told the percentage each time it has risen, 0 to 100, while the slicer runs.
        at_most_s: Seconds that are left for it, where those are less than the engine's own limit.
    """

    stl: Path
    settings: PrintSettings
    folder: Path
    sharers: int = 1
    on_progress: Callable[[int], None] | None = None
    at_most_s: float = math.inf

    def within(self, limits: Limits, cores: frozenset[int]) -> Limits:
        """The engine's limits, on these cores and for no longer than this job may take."""
        return replace(limits, wall_s=min(limits.wall_s, self.at_most_s), cores=cores)


class Engine(Protocol):
    """A slicer that has been found, with the profiles it uses."""

    @property
    def name(self) -> str:
        """`orca` or `prusa`."""
        ...

    @property
    def version(self) -> str:
        """As the program itself says."""
        ...

    def info(self, settings: PrintSettings) -> EngineInfo:
        """Names the engine and the profiles that `settings` select."""
        ...

    def slice_key(self, settings: PrintSettings) -> str:
        """Names all that the slicer is told and that can move a length or a time.

        Settings with the same key get the same slice of the same part, but for the weight, which
        follows from the filament's density.
        """
        ...

    async def slice(self, job: SliceJob) -> Slice:
        """Slices.

        Raises:
            ModelUnsliceable: The slicer refuses the model.
            ModelExceedsBuildVolume: It does not fit after all.
            SlicingTimeout: A time limit ended the run.
            SlicerCrashed: The slicer failed at what may be a good model.
            ResultIncomplete: It claims success without a result.
            InternalError: Our own options or profiles are wrong.
        """
        ...

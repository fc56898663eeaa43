"""The one interface behind which both slicers stand.

An engine turns a clean STL and print settings into a finished run whose figures can be trusted or
an error that says why not. What differs between slicers (command line, configuration format, core
policy, exit codes) stays behind it; what must not differ is tested once for both.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, Self

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

    @classmethod
    def prepared(
        cls,
        stl: Path,
        settings: PrintSettings,
        folder: Path,
        *,
        sharers: int,
        on_progress: Callable[[int], None],
    ) -> Self:
        """A job whose folder is made and holds nothing but the model; the slicer sees no other."""
        folder.mkdir()
        model = folder / "model.stl"
        os.link(stl, model)
        return cls(model, settings, folder, sharers=sharers, on_progress=on_progress)

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

    @property
    def identity(self) -> str:
        """The program, its version and how it is run; a part of the key of a cached result."""
        ...

    def info(self, settings: PrintSettings) -> EngineInfo:
        """Names the engine and the profiles that `settings` select."""
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

"""The interface of every slicer.

An engine turns a clean STL, or a plate of copies, and print settings into a finished run whose
figures can be trusted, or raises an error that says why not. What differs between slicers (command
line, configuration format, core policy, exit codes) stays in the engine's folder. What must not
differ is tested once for all.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, Self

from pricing_fdm.model import EngineInfo, PrintSettings, Slice
from pricing_fdm.sandbox.process import Limits, ProgramUnavailable
from pricing_fdm.shop.faults import Fault
from pricing_fdm.slicers.cores import Cores
from pricing_fdm.slicers.presets.chosen import ChosenPresets

NO_OVERRIDES: Mapping[str, str] = MappingProxyType({})


class SlicerUnavailable(ProgramUnavailable):
    """No slicer can be used; the message says which was looked for and what is wrong."""


@dataclass(frozen=True, slots=True)
class EngineSetup:
    """What an engine is started with; it uses what it has a use for.

    Attributes:
        limits: Of each slice.
        cores: Shared by all engines of a process.
        reproducible: Equal parts get equal figures, even if that takes longer.
        gcode_only: No archive around the G-code.
        display: X display such as `:99`; None where there is none.
    """

    limits: Limits
    cores: Cores = field(default_factory=Cores)
    reproducible: bool = False
    gcode_only: bool = False
    display: str | None = None


@dataclass(frozen=True, slots=True)
class SliceJob:
    """One slice to make.

    Attributes:
        model: Clean binary STL, posed and placed, or the 3MF of a plate; the slicer moves nothing.
        folder: The run's own folder; everything the slicer writes stays in it.
        sharers: How many slices share the machine's cores, this one among them.
        on_progress: Called with the percentage, 0 to 100, each time it has risen.
        at_most_s: Time limit of this job, where it is less than the engine's own.
        in_background: Slices of callers go first.
    """

    model: Path
    settings: PrintSettings
    presets: ChosenPresets
    folder: Path
    sharers: int = 1
    on_progress: Callable[[int], None] | None = None
    at_most_s: float = math.inf
    in_background: bool = False

    @classmethod
    def prepared(
        cls,
        model: Path,
        settings: PrintSettings,
        presets: ChosenPresets,
        folder: Path,
        *,
        sharers: int,
        on_progress: Callable[[int], None],
        in_background: bool = False,
    ) -> Self:
        """Makes the folder, with nothing but the model in it, and returns the job."""
        folder.mkdir()
        linked = folder / f"model{model.suffix}"
        os.link(model, linked)
        return cls(
            linked,
            settings,
            presets,
            folder,
            sharers=sharers,
            on_progress=on_progress,
            in_background=in_background,
        )

    def within(self, limits: Limits, cores: frozenset[int]) -> Limits:
        """The engine's limits, on these cores and for no longer than this job may take."""
        wall_s = min(limits.wall_s, self.at_most_s)
        return replace(limits, wall_s=wall_s, cores=cores, in_background=self.in_background)


class Engine(Protocol):
    """A slicer that has been found."""

    @property
    def name(self) -> str:
        """The value of `SLICER` that chooses it, such as `orca`."""
        ...

    @property
    def version(self) -> str:
        """As the program itself says."""
        ...

    @property
    def identity(self) -> str:
        """The program, its version and how it is run; a part of the key of a cached result."""
        ...

    def info(self, presets: ChosenPresets) -> EngineInfo:
        """Names the engine and these presets."""
        ...

    def faults(
        self, presets: ChosenPresets, overrides: Mapping[str, str] = NO_OVERRIDES
    ) -> tuple[Fault, ...]:
        """What this engine cannot do of what the presets say; found out without a slice.

        Args:
            presets: Of the slice.
            overrides: Settings that replace some of theirs, in OrcaSlicer's keys.
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

"""PrusaSlicer as an engine: the fallback of ADR-010, and the engine of the tests.

It gets the same settings as OrcaSlicer, in its own keys. `--post-process ""` is always given: a
program named in a configuration would otherwise run. `--dont-arrange` keeps the part where it is.

On more than one core neither 2.5.0 nor 2.9.2 gives the same figures in every run: grams differ by
up to 0.006 %, times by up to 0.2 %. A second core halves the wait, so a slice gets all cores that
are free; with `reproducible` it gets one. 2.5.0 also needs its memory laid out the same: at random
addresses, or with a longer path among its arguments, length and time differ in the sixth digit. So
addresses are fixed, and names are relative to the run's folder.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self

from pricing_fdm.concurrency.completion import complete_in_thread
from pricing_fdm.model import Slice
from pricing_fdm.sandbox.process import Limits, run
from pricing_fdm.sandbox.progress import Progress
from pricing_fdm.sandbox.run_files import has_bytes
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.engine import NO_OVERRIDES, EngineSetup, SliceJob
from pricing_fdm.slicers.environment import slicer_environment
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.program import ProgramEngine, version_of
from pricing_fdm.slicers.prusa.config import overridden, override_key, prusa_config
from pricing_fdm.slicers.prusa.exit_classification import classify_exit
from pricing_fdm.slicers.prusa.line_buffering import line_buffering
from pricing_fdm.slicers.prusa.overrides import prusa_overrides
from pricing_fdm.slicers.prusa.progress import prusa_percent

_PROFILE = "profile.ini"
_GCODE = "out.gcode"

# Keys whose values the G-code must repeat: they decide time and mass, or were asked for.
_REPORTED = (
    "layer_height",
    "perimeters",
    "top_solid_layers",
    "bottom_solid_layers",
    "filament_type",
    "filament_density",
    "filament_diameter",
    "extrusion_multiplier",
    "filament_max_volumetric_speed",
    "temperature",
)


class PrusaEngine(ProgramEngine):
    """Slices with PrusaSlicer.

    Args:
        line_buffering: Variables of the environment; see `line_buffering`.
    """

    name = "prusa"
    title = "PrusaSlicer"
    version_pattern = re.compile(r"^PrusaSlicer-(\d[\w.\-]*)", re.MULTILINE)

    def __init__(
        self,
        binary: Path,
        version: str,
        setup: EngineSetup,
        line_buffering: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(binary, version, setup)
        self._line_buffering = line_buffering or {}

    @classmethod
    async def find(cls, binary: Path, setup: EngineSetup) -> Self:
        """Asks the program for its version, and finds out whether its addresses can be fixed here.

        Raises:
            SlicerUnavailable: It does not run here.
        """
        version = await version_of(binary, cls.version_pattern, setup.limits.sandbox)
        fixed = replace(setup.limits, fixed_addresses=True)
        if await _runs(fixed):
            setup = replace(setup, limits=fixed)
        return cls(binary, version, setup, await line_buffering())

    @property
    def identity(self) -> str:
        """Figures that repeat are not those of a slice on all cores."""
        return f"{super().identity}{' reproducible' if self._setup.reproducible else ''}"

    def faults(
        self, presets: ChosenPresets, overrides: Mapping[str, str] = NO_OVERRIDES
    ) -> tuple[Fault, ...]:
        """What PrusaSlicer cannot be told; see `Engine.faults`."""
        try:
            prusa_config(overridden(presets, overrides))
            for key in overrides:
                override_key(key)
        except ShopError as error:
            return error.faults
        return ()

    async def slice(self, job: SliceJob) -> Slice:
        """Slices; see `Engine.slice`."""
        setup, overrides = self._setup, prusa_overrides(job.settings)
        presets = overridden(job.presets, dict(job.settings.overrides))
        config = {**self._config(presets), **overrides}
        ini = "".join(f"{key} = {value}\n" for key, value in config.items())
        (job.folder / _PROFILE).write_text(ini, "utf-8")
        at_most = 1 if setup.reproducible else None
        with setup.cores.lease(sharers=job.sharers, at_most=at_most) as cores:
            outcome = await run(
                [
                    str(self._binary),
                    "--export-gcode",
                    "--dont-arrange",
                    *("--load", _PROFILE),
                    *("--post-process", ""),
                    *("--output", _GCODE),
                    _relative(job.model, job.folder),
                ],
                cwd=job.folder,
                env={**slicer_environment(self._binary, Path()), **self._line_buffering},
                limits=job.within(setup.limits, cores),
                progress=Progress(prusa_percent, job.on_progress, in_stdout=True),
            )
        gcode = job.folder / _GCODE
        has_gcode = await complete_in_thread(
            has_bytes, gcode, job.folder, max_bytes=setup.limits.file_size_bytes
        )
        warnings = classify_exit(outcome, has_gcode=has_gcode)
        asked = [override_key(key) for key, _ in job.settings.overrides]
        reported = (*_REPORTED, *overrides, *asked)
        return Slice(
            folder=job.folder,
            gcode=gcode,
            member=None,
            engine=self.info(job.presets),
            expected={key: config[key] for key in reported if key in config},
            warnings=warnings,
        )

    def _config(self, presets: ChosenPresets) -> dict[str, str]:
        return prusa_config(presets)


async def _runs(limits: Limits) -> bool:
    """Whether a program runs so; Docker's default seccomp profile refuses fixed addresses."""
    with tempfile.TemporaryDirectory(prefix="pricing-fdm-probe-") as folder:
        try:
            outcome = await run(["/bin/true"], cwd=Path(folder), env={}, limits=limits)
        except OSError:  # refused while the sandbox is set up
            return False
    return outcome.exit_code == 0


def _relative(path: Path, folder: Path) -> str:
    return os.path.relpath(path, folder)

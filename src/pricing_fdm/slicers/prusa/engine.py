"""PrusaSlicer as an engine: the fallback of ADR-010, and the engine of the tests.

It is told the same as OrcaSlicer in its own keys. `--post-process ""` is always given; a program
named in a configuration would otherwise run. `--dont-arrange` keeps the part where we put it.

On more than one core neither 2.5.0 nor 2.9.2 gives the same figures in every run: grams differ by
up to 0.006 %, times by up to 0.2 %. A second core halves the wait, so a slice gets all that it can
have; with `reproducible` it gets one. 2.5.0 also needs its memory laid out the same: at random
addresses, or with a longer path among its arguments, length and time differ in the sixth digit. So
addresses are fixed and names relative to the run's folder.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pricing_fdm.model import EngineInfo, PrintSettings, Slice
from pricing_fdm.sandbox.process import Limits, run
from pricing_fdm.sandbox.progress import Progress
from pricing_fdm.slicers.binaries import version_of
from pricing_fdm.slicers.cores import Cores
from pricing_fdm.slicers.engine import SliceJob, SlicerUnavailable
from pricing_fdm.slicers.environment import slicer_environment
from pricing_fdm.slicers.line_buffering import line_buffering
from pricing_fdm.slicers.presets.overrides import prusa_overrides
from pricing_fdm.slicers.presets.preset_set import ProfileError, ProfileSet
from pricing_fdm.slicers.progress import prusa_percent
from pricing_fdm.slicers.prusa.config import prusa_configs
from pricing_fdm.slicers.prusa.exit_classification import judge

_VERSION = re.compile(r"^PrusaSlicer-(\d[\w.\-]*)", re.MULTILINE)
_GCODE = "out.gcode"

# Keys whose values the G-code must repeat: they decide time and mass, or were asked for.
_ECHOED = (
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


class PrusaEngine:
    """Slices with PrusaSlicer.

    Args:
        reproducible: Each slice gets one core, so that the same part gives the same figures.

    Raises:
        ProfileError: It cannot be told what the profiles say.
    """

    name = "prusa"

    def __init__(
        self,
        binary: Path,
        version: str,
        profiles: ProfileSet,
        limits: Limits,
        line_buffering: Mapping[str, str],
        *,
        cores: Cores | None = None,
        reproducible: bool = False,
    ) -> None:
        self.version = version
        self._line_buffering = line_buffering
        self._binary = binary
        self._profiles = profiles
        self._limits = limits
        self._cores = cores or Cores()
        self._reproducible = reproducible
        self._configs = prusa_configs(profiles)

    @classmethod
    async def find(
        cls,
        binary: Path,
        profiles: ProfileSet,
        limits: Limits,
        cores: Cores | None = None,
        *,
        reproducible: bool = False,
    ) -> PrusaEngine:
        """Asks the program for its version, and whether its addresses can be fixed here.

        Raises:
            SlicerUnavailable: It does not run here, or cannot be told what the profiles say.
        """
        version = await version_of(binary, _VERSION, limits.cage)
        fixed = replace(limits, fixed_addresses=True)
        usable = fixed if await _runs(fixed) else limits
        try:
            return cls(
                binary,
                version,
                profiles,
                usable,
                await line_buffering(),
                cores=cores,
                reproducible=reproducible,
            )
        except ProfileError as error:
            raise SlicerUnavailable(
                f"PrusaSlicer cannot be told what the profiles say: {'; '.join(error.faults)}"
            ) from error

    def info(self, settings: PrintSettings) -> EngineInfo:
        """Names the engine and the profiles that `settings` select."""
        return EngineInfo(self.name, self.version, self._profiles.profile_hash(settings))

    @property
    def identity(self) -> str:
        """See `Engine.identity`; figures that repeat are not those of a slice on all cores."""
        return f"{self.name} {self.version}{' reproducible' if self._reproducible else ''}"

    async def slice(self, job: SliceJob) -> Slice:
        """Slices; see `Engine.slice`."""
        config = self._config(job.settings)
        profile = job.folder / "profile.ini"
        profile.write_text("".join(f"{key} = {value}\n" for key, value in config.items()), "utf-8")
        gcode = job.folder / _GCODE
        at_most = 1 if self._reproducible else None
        with self._cores.lease(sharers=job.sharers, at_most=at_most) as cores:
            outcome = await run(
                [
                    str(self._binary),
                    "--export-gcode",
                    "--dont-arrange",
                    "--load",
                    profile.name,
                    "--post-process",
                    "",
                    "--output",
                    gcode.name,
                    _from(job.folder, job.stl),
                ],
                cwd=job.folder,
                env={**slicer_environment(self._binary, Path()), **self._line_buffering},
                limits=job.within(self._limits, cores),
                progress=Progress(prusa_percent, job.on_progress, in_stdout=True),
            )
        remarks = judge(outcome, has_gcode=gcode.is_file() and gcode.stat().st_size > 0)
        return Slice(
            gcode=gcode,
            member=None,
            engine=self.info(job.settings),
            expected={key: config[key] for key in (*_ECHOED, *prusa_overrides(job.settings))},
            warnings=remarks,
        )

    def _config(self, settings: PrintSettings) -> dict[str, str]:
        told = self._configs[settings.layer_thickness, settings.material]
        return {**told, **prusa_overrides(settings)}


async def _runs(limits: Limits) -> bool:
    """Whether a program can be run so; Docker's default seccomp profile refuses fixed addresses."""
    with tempfile.TemporaryDirectory(prefix="pricing-fdm-probe-") as folder:
        try:
            outcome = await run(["/bin/true"], cwd=Path(folder), env={}, limits=limits)
        except OSError:  # refused while the cage is set up
            return False
    return outcome.exit_code == 0


def _from(folder: Path, path: Path) -> str:
    return os.path.relpath(path, folder)

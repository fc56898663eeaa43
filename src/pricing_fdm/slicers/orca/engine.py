"""OrcaSlicer 2.3.1 as an engine.

Rules learnt from its source and from running it, each of which failed silently or loudly once:
`--slice` comes last; `--export-3mf` takes a bare name; the output folder exists and is absolute;
booleans are written `--name=1`; the finished part is not arranged, so the whole bed can be used.
No display is needed; `display` is only set when the operator asks for it. The G-code is the same
byte for byte beside the 3MF and inside, with and without its export, which costs about 8 %.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from pricing_fdm.model import EngineInfo, PrintSettings, Slice
from pricing_fdm.sandbox.process import Limits, run
from pricing_fdm.sandbox.progress import Progress
from pricing_fdm.slicers.binaries import version_of
from pricing_fdm.slicers.cores import Cores
from pricing_fdm.slicers.engine import SliceJob, SlicerUnavailable
from pricing_fdm.slicers.environment import slicer_environment
from pricing_fdm.slicers.orca.exit_classification import judge
from pricing_fdm.slicers.presets.overrides import orca_overrides
from pricing_fdm.slicers.presets.preset_set import Profile, ProfileSet
from pricing_fdm.slicers.progress import orca_percent, progress_pipe

_VERSION = re.compile(r"^OrcaSlicer-(\S+?):?\s*$", re.MULTILINE)
PINNED_VERSION = "2.3.1"

_ARCHIVE = "out.3mf"
_MEMBER = "Metadata/plate_1.gcode"
_GCODE = "plate_1.gcode"
_SECOND_PLATE = "plate_2.gcode"
_PROGRESS = "progress"

# Keys whose values the G-code must repeat: they decide time and mass, or were asked for.
_ECHOED_OF_PROCESS = ("layer_height", "wall_loops", "top_shell_layers", "bottom_shell_layers")
_ECHOED_OF_FILAMENT = (
    "filament_type",
    "filament_density",
    "filament_diameter",
    "filament_flow_ratio",
    "filament_max_volumetric_speed",
    "nozzle_temperature",
)


class OrcaResult(StrEnum):
    """The values of `ORCA_RESULT`."""

    ARCHIVE = "3mf"
    GCODE = "gcode"


class OrcaEngine:
    """Slices with OrcaSlicer. It is deterministic on any number of cores."""

    name = "orca"

    def __init__(
        self,
        binary: Path,
        version: str,
        profiles: ProfileSet,
        limits: Limits,
        display: str | None = None,
        *,
        result: OrcaResult = OrcaResult.ARCHIVE,
        cores: Cores | None = None,
    ) -> None:
        self.version = version
        self._binary = binary
        self._profiles = profiles
        self._limits = limits
        self._display = display
        self._result = result
        self._cores = cores or Cores()

    @classmethod
    async def find(
        cls,
        binary: Path,
        profiles: ProfileSet,
        limits: Limits,
        display: str | None = None,
        *,
        result: OrcaResult = OrcaResult.ARCHIVE,
        cores: Cores | None = None,
    ) -> OrcaEngine:
        """Asks the program for its version.

        Raises:
            SlicerUnavailable: It does not run here, or is not the pinned version.
        """
        version = await version_of(binary, _VERSION, limits.cage)
        if not version.startswith(PINNED_VERSION):
            raise SlicerUnavailable(
                f"{binary} is OrcaSlicer {version}; prices are made with {PINNED_VERSION}. "
                "Another version moves figures, and 2.3.2 crashes without a window."
            )
        return cls(binary, version, profiles, limits, display, result=result, cores=cores)

    @property
    def identity(self) -> str:
        """See `Engine.identity`."""
        return f"{self.name} {self.version}"

    def info(self, settings: PrintSettings) -> EngineInfo:
        """Names the engine and the profiles that `settings` select."""
        return EngineInfo(self.name, self.version, self._profiles.profile_hash(settings))

    async def slice(self, job: SliceJob) -> Slice:
        """Slices; see `Engine.slice`."""
        output = job.folder / "out"
        output.mkdir()
        overrides = orca_overrides(job.settings)
        progress = Progress(orca_percent, job.on_progress)
        with (
            progress_pipe(job.folder / _PROGRESS, progress.hear),
            self._cores.lease(sharers=job.sharers) as cores,
        ):
            outcome = await run(
                [str(self._binary), *self._arguments(job, output, overrides)],
                cwd=job.folder,
                env=slicer_environment(self._binary, job.folder, self._display),
                limits=job.within(self._limits, cores),
                progress=progress,
            )
        result, member = self._result_in(output)
        remarks = judge(
            outcome,
            _read_result(output / "result.json"),
            has_gcode=_has_bytes(result) and _has_bytes(output / _GCODE),
            has_second_plate=(output / _SECOND_PLATE).exists(),
        )
        return Slice(
            gcode=result,
            member=member,
            engine=self.info(job.settings),
            expected=self._expected(job.settings, overrides),
            warnings=remarks,
        )

    def _result_in(self, output: Path) -> tuple[Path, str | None]:
        """The file that is read, and the member of it that holds the G-code."""
        if self._result is OrcaResult.GCODE:
            return output / _GCODE, None
        return output / _ARCHIVE, _MEMBER

    def _export(self) -> tuple[str, ...]:
        """The 3MF without the mesh, which nobody reads; or none."""
        if self._result is OrcaResult.GCODE:
            return ()
        return "--min-save=1", "--export-3mf", _ARCHIVE

    def _arguments(self, job: SliceJob, output: Path, overrides: Mapping[str, str]) -> list[str]:
        machine, process, filament = self._write_profiles(job)
        return [
            "--debug",
            "1",
            "--arrange",
            "0",
            "--ensure-on-bed",
            "--pipe",
            str(job.folder / _PROGRESS),
            "--load-settings",
            f"{machine};{process}",
            "--load-filaments",
            str(filament),
            *(f"--{key.replace('_', '-')}={value}" for key, value in overrides.items()),
            "--outputdir",
            str(output),
            *self._export(),
            str(job.stl),
            "--slice",
            "0",
        ]

    def _write_profiles(self, job: SliceJob) -> tuple[Path, Path, Path]:
        """Writes the profiles as they were read at start, so that the hash names what was used."""
        machine, process, filament = (
            _write_profile(job.folder, each) for each in self._profiles.chosen(job.settings)
        )
        return machine, process, filament

    def _expected(self, settings: PrintSettings, overrides: Mapping[str, str]) -> dict[str, str]:
        _, process, filament = self._profiles.chosen(settings)
        of_process = {key: process.text(key) for key in _ECHOED_OF_PROCESS}
        of_filament = {key: filament.text(key) for key in _ECHOED_OF_FILAMENT}
        return {**of_process, **of_filament, **overrides}


def _write_profile(folder: Path, profile: Profile) -> Path:
    path = folder / f"{profile.kind}.json"
    path.write_text(json.dumps(dict(profile.values)), encoding="utf-8")
    return path


def _read_result(path: Path) -> Mapping[str, Any] | None:
    """The run's verdict; missing, empty and unreadable are the same: unknown."""
    try:
        result = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return result if isinstance(result, dict) else None


def _has_bytes(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0

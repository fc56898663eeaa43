"""OrcaSlicer 2.3.1 as an engine.

Rules learnt from its source and from running it: `--slice` comes last; `--export-3mf` takes a bare
name; the output folder exists and is absolute; booleans are written `--name=1`; the part is not
arranged, so the whole bed can be used. No display is needed. The G-code is the same byte for byte
beside the 3MF and inside it, with and without the export of a 3MF, which costs about 8 %.

It is deterministic on any number of cores.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from pricing_fdm.concurrency.completion import complete_in_thread
from pricing_fdm.model import Slice
from pricing_fdm.sandbox import run_files
from pricing_fdm.sandbox.process import run
from pricing_fdm.sandbox.progress import Progress
from pricing_fdm.slicers.engine import EngineSetup, SliceJob, SlicerUnavailable
from pricing_fdm.slicers.environment import slicer_environment
from pricing_fdm.slicers.orca.exit_classification import classify_exit
from pricing_fdm.slicers.orca.overrides import orca_overrides
from pricing_fdm.slicers.orca.progress import orca_percent, progress_pipe
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.presets.file import Profile
from pricing_fdm.slicers.program import ProgramEngine

PINNED_VERSION = "2.3.1"

_ARCHIVE = "out.3mf"
_MEMBER = "Metadata/plate_1.gcode"
_GCODE = "plate_1.gcode"
_SECOND_PLATE = "plate_2.gcode"
_RESULT = "result.json"
_MAX_RESULT_BYTES = 1024**2  # those of real runs have less than 2 kB
_PROGRESS = "progress"

# Keys whose values the G-code must repeat: they decide time and mass, or were asked for.
_REPORTED_OF_PROCESS = ("layer_height", "wall_loops", "top_shell_layers", "bottom_shell_layers")
_REPORTED_OF_FILAMENT = (
    "filament_type",
    "filament_density",
    "filament_diameter",
    "filament_flow_ratio",
    "filament_max_volumetric_speed",
    "nozzle_temperature",
)


# What `result.json` says, whether there is G-code, whether there is a second plate.
_Left = tuple[Mapping[str, Any] | None, bool, bool]


class OrcaEngine(ProgramEngine):
    """Slices with OrcaSlicer."""

    name = "orca"
    title = "OrcaSlicer"
    version_pattern = re.compile(r"^OrcaSlicer-(\S+?):?\s*$", re.MULTILINE)

    @classmethod
    async def find(cls, binary: Path, setup: EngineSetup) -> Self:
        """Asks the program for its version.

        Raises:
            SlicerUnavailable: It does not run here, or is not the pinned version.
        """
        found = await super().find(binary, setup)
        if not found.version.startswith(PINNED_VERSION):
            raise SlicerUnavailable(
                f"{binary} is OrcaSlicer {found.version}; prices are made with {PINNED_VERSION}. "
                "Another version moves figures, and 2.3.2 crashes without a window."
            )
        return found

    async def slice(self, job: SliceJob) -> Slice:
        """Slices; see `Engine.slice`."""
        setup, output = self._setup, job.folder / "out"
        output.mkdir()
        overrides = orca_overrides(job.settings)
        presets = job.presets.with_process_values(dict(job.settings.overrides))
        progress = Progress(orca_percent, job.on_progress)
        with (
            progress_pipe(job.folder / _PROGRESS, progress.feed),
            setup.cores.lease(sharers=job.sharers) as cores,
        ):
            outcome = await run(
                [str(self._binary), *self._arguments(job, presets, output, overrides)],
                cwd=job.folder,
                env=slicer_environment(self._binary, job.folder, setup.display),
                limits=job.within(setup.limits, cores),
                progress=progress,
            )
        gcode = output / (_GCODE if setup.gcode_only else _ARCHIVE)
        result, has_gcode, has_second_plate = await complete_in_thread(
            _examine, job.folder, output, {output / _GCODE, gcode}, setup.limits.file_size_bytes
        )
        warnings = classify_exit(
            outcome, result, has_gcode=has_gcode, has_second_plate=has_second_plate
        )
        return Slice(
            folder=job.folder,
            gcode=gcode,
            member=None if setup.gcode_only else _MEMBER,
            engine=self.info(job.presets),
            expected={**_expected(presets, job.settings.overrides), **overrides},
            warnings=warnings,
        )

    def _arguments(
        self,
        job: SliceJob,
        presets: ChosenPresets,
        output: Path,
        overrides: Mapping[str, str],
    ) -> list[str]:
        # Written as they were read when the shop was loaded: the hash names what was used.
        machine, process, filament = (_write_profile(job.folder, each) for each in presets.all)
        # A 3MF without the mesh, which nobody reads.
        export = () if self._setup.gcode_only else ("--min-save=1", "--export-3mf", _ARCHIVE)
        return [
            *("--debug", "1"),
            *("--arrange", "0"),
            "--ensure-on-bed",
            *("--pipe", str(job.folder / _PROGRESS)),
            *("--load-settings", f"{machine};{process}"),
            *("--load-filaments", str(filament)),
            *(f"--{key.replace('_', '-')}={value}" for key, value in overrides.items()),
            *("--outputdir", str(output)),
            *export,
            str(job.model),
            *("--slice", "0"),
        ]


def _expected(presets: ChosenPresets, overridden: Iterable[tuple[str, str]]) -> dict[str, str]:
    of_process = (*_REPORTED_OF_PROCESS, *(key for key, _ in overridden))
    return {
        **{key: presets.process.text(key) for key in of_process},
        **{key: presets.filament.text(key) for key in _REPORTED_OF_FILAMENT},
    }


def _write_profile(folder: Path, profile: Profile) -> Path:
    path = folder / f"{profile.kind}.json"
    path.write_text(json.dumps(dict(profile.values)), encoding="utf-8")
    return path


def _examine(folder: Path, output: Path, gcodes: set[Path], max_bytes: int) -> _Left:
    """What a run left in `output`, which it may have replaced by anything else."""
    return (
        _read_result(output / _RESULT, folder),
        all(run_files.has_bytes(path, folder, max_bytes=max_bytes) for path in gcodes),
        os.path.lexists(output / _SECOND_PLATE),
    )


def _read_result(path: Path, folder: Path) -> Mapping[str, Any] | None:
    """What the run says of itself; None where that is missing or cannot be read."""
    try:
        result = json.loads(run_files.read(path, folder, max_bytes=_MAX_RESULT_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return result if isinstance(result, dict) else None

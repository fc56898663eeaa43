"""A third engine, as small as one can be: what `slicers/registry.py` asks of a folder."""

from __future__ import annotations

import re
from pathlib import Path

from pricing_fdm.model import Slice
from pricing_fdm.sandbox.process import run
from pricing_fdm.slicers.engine import SliceJob
from pricing_fdm.slicers.environment import slicer_environment
from pricing_fdm.slicers.exit_classification import raise_for_limits
from pricing_fdm.slicers.program import ProgramEngine

PROGRAM = Path(__file__).parent / "tiny"


class TinyEngine(ProgramEngine):
    """Runs the script beside it."""

    name = "tiny"
    title = "TinySlicer"
    version_pattern = re.compile(r"^TinySlicer (\S+)$", re.MULTILINE)

    async def slice(self, job: SliceJob) -> Slice:
        """Slices."""
        gcode, infill = job.folder / "out.gcode", f"{job.settings.infill_percent}%"
        with self._setup.cores.lease(sharers=job.sharers) as cores:
            outcome = await run(
                [str(self._binary), job.model.name, gcode.name, infill],
                cwd=job.folder,
                env=slicer_environment(self._binary, Path()),
                limits=job.within(self._setup.limits, cores),
            )
        raise_for_limits(outcome)
        return Slice(job.folder, gcode, None, self.info(job.presets), expected={"fill": infill})

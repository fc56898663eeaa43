"""The bare slicer: the very command that the service runs, without the service.

The command is not written down a second time. The engine is asked for a slice of the part, and
what it gives to its runner is overheard instead of run: program, arguments, environment,
configuration file. That is then run by itself, as anybody would start it: on all cores, no sandbox,
no limits, nobody who reads what the slicer prints.
"""

from __future__ import annotations

import asyncio
import functools
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from unittest import mock

from benchmarks.usage import machine_busy_s
from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.model import Metrics, Orientation, Part, PrintSettings
from pricing_fdm.settings import load_settings
from pricing_fdm.shop_source import load_shop_files
from pricing_fdm.slicers.engine import EngineSetup, SliceJob
from pricing_fdm.slicers.program import find_binary
from pricing_fdm.slicers.prusa import engine as prusa
from tests.harness import qualities
from tests.mesh.inspecting import inspect_model

SETTINGS = PrintSettings("pla", 20, qualities.STANDARD)


@dataclass(frozen=True, slots=True)
class BareRun:
    """What one run of the slicer took, and what came out of it.

    Attributes:
        cpu_s: User and system time of the slicer.
        others: Share of the machine's processor time that others used meanwhile.
    """

    wall_s: float
    cpu_s: float
    others: float
    metrics: Metrics


@dataclass(frozen=True)  # no slots: what comes out is kept
class BareSlice:
    """A slice that can be repeated.

    Attributes:
        inputs: What lies in the working folder before.
        output: The G-code that lies there afterwards.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    inputs: Mapping[str, bytes]
    output: str
    part: Part

    def run(self) -> BareRun:
        """Slices once, in a new folder."""
        with tempfile.TemporaryDirectory(prefix="bench-bare-") as name:
            folder = Path(name)
            for file, content in self.inputs.items():
                (folder / file).write_bytes(content)
            busy_s, began_s = machine_busy_s(), time.perf_counter()
            child = subprocess.Popen(
                self.argv,
                cwd=folder,
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # as the service's child; the kernel shares by sessions
            )
            try:
                _, status, usage = os.wait4(child.pid, 0)
            except BaseException:  # Ctrl-C does not reach its session
                child.kill()
                child.wait()
                raise
            wall_s, busy_s = time.perf_counter() - began_s, machine_busy_s() - busy_s
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode:
                raise RuntimeError(f"the bare slicer ended with {child.returncode}")
            metrics = extract_metrics(folder / self.output, None, {})
        cpu_s = usage.ru_utime + usage.ru_stime
        others = max(0.0, busy_s - cpu_s) / (wall_s * (os.cpu_count() or 1))
        return BareRun(wall_s, cpu_s, others, metrics)

    @functools.cached_property
    def metrics(self) -> Metrics:
        """What comes out of it; slices once."""
        return self.run().metrics


class Overhearer:
    """Makes bare slices of models; finds the slicer once."""

    def __init__(self) -> None:
        settings = load_settings()
        self._printer = load_shop_files(settings.shop).printers[0]
        self._max_triangles = settings.slicing.max_triangles
        binary = find_binary(settings.slicing.prusa_binary)
        if binary is None:
            raise RuntimeError("PrusaSlicer is needed; `make setup` installs it")
        setup = EngineSetup(settings.slicing.limits())
        self._engine = asyncio.run(prusa.PrusaEngine.find(binary, setup))

    @property
    def slicer(self) -> str:
        """Name and version."""
        return f"PrusaSlicer {self._engine.version}"

    def overhear(
        self, model: bytes, orientation: Orientation, settings: PrintSettings = SETTINGS
    ) -> BareSlice:
        """Inspects a model as the service does, and keeps the command that would slice it."""
        with tempfile.TemporaryDirectory(prefix="bench-overheard-") as name:
            folder = Path(name)
            upload, working = folder / "upload", folder / "slice"
            upload.write_bytes(model)
            working.mkdir()
            part = inspect_model(
                upload,
                working / "model.stl",
                self._printer.build_volume,
                max_triangles=self._max_triangles,
                orientation=orientation,
                layer_height_mm=float(settings.quality.height_mm),
                line_width_mm=self._printer.line_width_mm(settings.quality.id),
            )
            with mock.patch.object(prusa, "run", _tell):
                try:
                    presets = self._printer.chosen(settings.quality.id, settings.material)
                    job = SliceJob(working / "model.stl", settings, presets, working)
                    asyncio.run(self._engine.slice(job))
                except _Told as told:
                    return BareSlice(
                        argv=told.argv,
                        env=told.env,
                        inputs={path.name: path.read_bytes() for path in working.iterdir()},
                        output=told.argv[told.argv.index("--output") + 1],
                        part=part,
                    )
        raise RuntimeError("the engine has run nothing")


class _Told(Exception):
    """What the engine was about to run."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        super().__init__("overheard")
        self.argv, self.env = tuple(argv), env


async def _tell(argv: Sequence[str], *, env: Mapping[str, str], **_: object) -> NoReturn:
    raise _Told(argv, env)

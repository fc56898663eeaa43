"""The ways in for a caller's bytes, as the service has them: for meshes, and for STEP."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from pricing_fdm.mesh.step.converter import StepConverter
from pricing_fdm.mesh.step.recognise import is_step
from pricing_fdm.model import BuildVolume, Orientation, Part
from pricing_fdm.sandbox.limits import Limits
from pricing_fdm.sandbox.probe import SandboxChoice, find_sandbox
from pricing_fdm.sandbox.process import ProgramUnavailable, adopt_orphans
from pricing_fdm.sandbox.sandbox import Sandbox
from tests.mesh.inspecting import inspect_model

Door = Callable[[Path, Path], Part]
"""From an upload to a part, whose clean STL goes to the second path; or a PricingError."""

PRINTER = BuildVolume(200, 200, 200)
MAX_TRIANGLES = 2_000_000
CONVERSION_MEMORY_BYTES = 2 * 1024**3
CONVERSION_S = 15


def inspect(upload: Path, clean: Path, orientation: Orientation = Orientation.AUTO) -> Part:
    """The door for meshes."""
    return inspect_model(
        upload, clean, PRINTER, max_triangles=MAX_TRIANGLES, orientation=orientation
    )


@contextlib.contextmanager
def opened(kind: str) -> Iterator[Door]:
    """The door for a format; that for STEP takes all others too."""
    if kind != "step":
        yield inspect
        return
    adopt_orphans()
    with asyncio.Runner() as runner:
        found = runner.run(find_sandbox(SandboxChoice.AUTO, _converter))
        assert found.started is not None, found.detail
        converter = found.started

        def door(upload: Path, clean: Path) -> Part:
            if not is_step(upload):
                return inspect(upload, clean)
            with tempfile.TemporaryDirectory(dir=upload.parent) as name:
                own = Path(name) / "own"
                own.mkdir()
                mesh = Path(name) / "mesh"
                runner.run(converter.convert(upload, own, mesh))
                return inspect(mesh, clean)

        yield door


async def _converter(sandbox: Sandbox) -> StepConverter:
    limits = Limits(
        wall_s=CONVERSION_S,
        cpu_s=CONVERSION_S,
        memory_bytes=CONVERSION_MEMORY_BYTES,
        file_size_bytes=CONVERSION_MEMORY_BYTES,
        sandbox=sandbox,
    )
    converter = StepConverter.create(limits, max_triangles=MAX_TRIANGLES, at_once=1)
    if obstacle := await converter.obstacle():
        raise ProgramUnavailable(obstacle)
    return converter

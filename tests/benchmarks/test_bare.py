from __future__ import annotations

from pathlib import Path

from benchmarks.bare import Overhearer
from pricing_fdm.model import Orientation
from tests.harness.shapes import binary_stl, box


def test_the_bare_slicer_is_the_services_command_without_its_sandbox_and_limits() -> None:
    """What is left out is what the service adds, and must be in the ratio; nobody pins a slicer."""
    bare = Overhearer().overhear(binary_stl(box(10, 10, 10)), Orientation.KEEP)
    tools = {Path(argument).name for argument in bare.argv}
    assert {"prusa-slicer", "--export-gcode", "--post-process"} <= tools
    assert not {"setpriv", "prlimit", "bwrap", "setarch", "taskset"} & tools
    assert set(bare.inputs) == {"model.stl", "profile.ini"}


def test_the_bare_slicer_really_slices() -> None:
    """A command that fails at once would make every quote look slow."""
    run = Overhearer().overhear(binary_stl(box(10, 10, 10)), Orientation.KEEP).run()
    assert 0.5 < float(run.metrics.filament_g) < 1.5
    assert run.cpu_s > 0
    assert run.wall_s > 0
    assert 0 <= run.others < 1.1

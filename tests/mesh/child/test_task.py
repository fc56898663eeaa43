"""A task says the same to the zygote as to the service."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pricing_fdm.mesh.child.task import Task
from pricing_fdm.model import Orientation, Unit
from tests.mesh.child.reading import TASK


@pytest.mark.parametrize("unit", [None, *Unit])
@pytest.mark.parametrize("orientation", Orientation)
def test_a_task_arrives_as_it_was_sent(unit: Unit | None, orientation: Orientation) -> None:
    """Also one whose coordinates are known to be in mm."""
    task = replace(TASK, unit=unit, orientation=orientation)
    assert Task.from_bytes(task.to_bytes()) == task

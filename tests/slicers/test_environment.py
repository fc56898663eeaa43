"""A slicer's environment is built from nothing."""

from __future__ import annotations

from pathlib import Path

from pricing_fdm.slicers.environment import slicer_environment


def test_a_display_is_handed_on_only_when_there_is_one() -> None:
    """Behaviour must not depend on the host's own display."""
    folder = Path("/run")
    assert "DISPLAY" not in slicer_environment(Path("/bin/true"), folder)
    assert slicer_environment(Path("/bin/true"), folder, ":97")["DISPLAY"] == ":97"

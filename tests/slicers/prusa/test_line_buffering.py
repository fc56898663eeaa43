"""PrusaSlicer's lines come while it works, and its figures stay the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pricing_fdm.slicers.prusa.engine import PrusaEngine
from pricing_fdm.slicers.prusa.line_buffering import line_buffering
from tests.harness.shapes import box
from tests.slicers.engines import find, measure


def test_line_buffering_is_what_the_installed_stdbuf_says(tmp_path: Path) -> None:
    """Where its library lies depends on the distribution; where it is missing is no fault."""
    variables = asyncio.run(line_buffering())
    assert variables["_STDBUF_O"] == "L"
    assert Path(variables["LD_PRELOAD"]).is_file()
    assert asyncio.run(line_buffering(str(tmp_path))) == {}


def test_line_buffering_changes_no_figure(tmp_path: Path) -> None:
    """It loads a library into the slicer, which must have no effect on a price."""
    buffered = find("prusa", tmp_path)
    plain = PrusaEngine(buffered._binary, buffered.version, buffered._setup)
    cube = box(20, 20, 20)
    assert measure(buffered, tmp_path / "a", cube) == measure(plain, tmp_path / "b", cube)

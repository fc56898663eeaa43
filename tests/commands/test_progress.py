"""The progress line moves by itself, leaves nothing behind, and never stands in the way."""

from __future__ import annotations

import io

from pricing_fdm.commands.progress import ProgressLine
from pricing_fdm.quoting.timing import Stage
from tests.harness.waiting import wait_until


def test_it_says_what_is_done_and_is_gone_at_the_end() -> None:
    """A thread writes it, so that it moves while nothing else happens."""
    terminal = io.StringIO()
    with ProgressLine(terminal, shown=True) as line:
        line.show(Stage.INSPECT)
        wait_until(lambda: "inspecting the mesh … 0 s" in terminal.getvalue())
        line.show_percent(40)
        wait_until(lambda: "slicing 40 %" in terminal.getvalue())
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_nothing_is_written_where_nobody_looks() -> None:
    """A log file is no terminal."""
    terminal = io.StringIO()
    with ProgressLine(terminal, shown=False) as line:
        line.show(Stage.SLICE)
    assert terminal.getvalue() == ""


def test_a_terminal_that_has_gone_stops_no_quote() -> None:
    """Its window was closed while the part was sliced."""
    terminal = io.StringIO()
    with ProgressLine(terminal, shown=True) as line:
        wait_until(lambda: terminal.getvalue() != "")
        terminal.close()
        line.show(Stage.EXTRACT)


def test_every_stage_has_words() -> None:
    """A new one would end the command with a KeyError."""
    line = ProgressLine(io.StringIO(), shown=False)
    for stage in Stage:
        line.show(stage)

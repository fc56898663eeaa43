"""The progress line moves by itself, leaves nothing behind, and never stands in the way."""

from __future__ import annotations

import io

import pytest

from pricing_fdm.commands.progress import ProgressLine, percent_done
from pricing_fdm.quoting.timing import Stage, StageTimer
from tests.harness.waiting import wait_until


def at(stage: Stage, percent: int = 0) -> StageTimer:
    """The timer of a quote that has come so far."""
    timer = StageTimer()
    timer.enter(stage)
    timer.progress(percent)
    return timer


def test_it_says_what_is_done_and_is_gone_at_the_end() -> None:
    """A thread writes it, so that it moves while nothing else happens."""
    terminal, timer = io.StringIO(), at(Stage.INSPECT)
    with ProgressLine(terminal, shown=True, timers=[timer]):
        wait_until(lambda: "0 % inspecting the mesh … 0 s" in terminal.getvalue())
        timer.enter(Stage.SLICE)
        timer.progress(40)
        wait_until(lambda: "41 % slicing" in terminal.getvalue())
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_nothing_is_written_where_nobody_looks() -> None:
    """A log file is no terminal."""
    terminal = io.StringIO()
    with ProgressLine(terminal, shown=False, timers=[at(Stage.SLICE)]):
        pass
    assert terminal.getvalue() == ""


def test_a_terminal_that_has_gone_stops_no_quote() -> None:
    """Its window was closed while the part was sliced."""
    terminal = io.StringIO()
    with ProgressLine(terminal, shown=True, timers=[at(Stage.SLICE)]):
        wait_until(lambda: terminal.getvalue() != "")
        terminal.close()


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_has_words_and_a_share(stage: Stage) -> None:
    """A new one would end the line with a KeyError."""
    timer = at(stage)
    assert ProgressLine(io.StringIO(), shown=False, timers=[timer]).text()
    assert 0 <= percent_done(timer) < 100


def test_the_slice_is_nearly_all_of_it() -> None:
    """It takes 19 seconds of 20; a tenth each for reading and judging was a guess."""
    shares = [percent_done(at(Stage.SLICE, percent)) for percent in (0, 50, 100)]
    assert shares == [3, 50, 98]
    assert percent_done(at(Stage.EXTRACT)) == 98


def test_several_quotes_are_one_share_and_a_count() -> None:
    """Two of four are done, one is half sliced, one has not begun."""
    done, other, half = StageTimer(), StageTimer(), at(Stage.SLICE, 50)
    done.stop()
    other.stop()
    line = ProgressLine(io.StringIO(), shown=False, timers=[done, other, half], expected=4)
    assert line.text() == "62 % slicing, 2 of 4 done"


def test_variants_of_one_model_count_each() -> None:
    """Their timers are forks of one."""
    timer = at(Stage.INSPECT)
    timer.fork().stop()
    timer.fork().enter(Stage.SLICE)
    line = ProgressLine(io.StringIO(), shown=False, timers=[timer], expected=2)
    assert line.text() == "51 % slicing, 1 of 2 done"

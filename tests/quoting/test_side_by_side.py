"""Several slices for one quote are told of as one."""

from __future__ import annotations

from pricing_fdm.quoting.side_by_side import SideBySide
from pricing_fdm.quoting.timing import Stage


class Heard:
    """A listener that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[Stage | int] = []

    def enter(self, stage: Stage) -> None:
        """A stage."""
        self.told.append(stage)

    def progress(self, percent: int) -> None:
        """Percent."""
        self.told.append(percent)


def test_a_slice_is_under_way_with_the_first_and_over_with_the_last() -> None:
    """The time of a quote that waits for both is that of the slices, and not of the queue."""
    heard = Heard()
    first, second = SideBySide(heard, 2).listeners()
    first.enter(Stage.QUEUE)
    first.enter(Stage.SLICE)
    second.enter(Stage.QUEUE)
    first.enter(Stage.EXTRACT)
    second.enter(Stage.SLICE)
    second.enter(Stage.EXTRACT)
    assert heard.told == [Stage.QUEUE, *[Stage.SLICE] * 4, Stage.EXTRACT]


def test_the_progress_is_the_average() -> None:
    """It rises to 100 when all are done."""
    heard = Heard()
    first, second = SideBySide(heard, 2).listeners()
    first.progress(40)
    second.progress(80)
    first.progress(100)
    second.progress(100)
    assert heard.told == [20, 60, 90, 100]


def test_a_plate_that_was_known_holds_nobody_up() -> None:
    """The other one's stages are then those of the quote."""
    heard = Heard()
    first, second = SideBySide(heard, 2).listeners()
    first.finished()
    second.enter(Stage.SLICE)
    second.progress(50)
    second.enter(Stage.EXTRACT)
    assert heard.told == [Stage.SLICE, 75, Stage.EXTRACT]

"""Reports several slices of one quote that run side by side to one listener."""

from __future__ import annotations

from pricing_fdm.quoting.timing import ProgressListener, Stage

_ORDER = list(Stage)


class SideBySide:
    """The stages of several works as those of one.

    A slice is under way as soon as one of them is, and over when all are. The progress is their
    average.

    Args:
        listener: Is told.
        count: How many works there are.
    """

    def __init__(self, listener: ProgressListener, count: int) -> None:
        self._listener = listener
        self._reached = [Stage.INSPECT] * count
        self._percent = [0] * count

    def listeners(self) -> list[OneOfThem]:
        """One for each work."""
        return [OneOfThem(self, number) for number in range(len(self._reached))]

    def enter(self, number: int, stage: Stage) -> None:
        """One of the works begins a stage."""
        self._reached[number] = stage
        first, last = (ends(map(_ORDER.index, self._reached)) for ends in (min, max))
        # As soon as one is sliced, that is what the quote waits for, until all are.
        self._listener.enter(_ORDER[max(first, min(last, _ORDER.index(Stage.SLICE)))])

    def progress(self, number: int, percent: int) -> None:
        """So much of one slice is done."""
        self._percent[number] = percent
        self._listener.progress(sum(self._percent) // len(self._percent))

    def finished(self, number: int) -> None:
        """This work is done."""
        self._reached[number], self._percent[number] = Stage.EXTRACT, 100


class OneOfThem:
    """The listener of one work."""

    def __init__(self, together: SideBySide, number: int) -> None:
        self._together = together
        self._number = number

    def enter(self, stage: Stage) -> None:
        """A stage begins."""
        self._together.enter(self._number, stage)

    def progress(self, percent: int) -> None:
        """So much of the slice is done."""
        self._together.progress(self._number, percent)

    def finished(self) -> None:
        """The work is done, or there was none."""
        self._together.finished(self._number)

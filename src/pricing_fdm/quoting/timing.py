"""Where a quote stands, and how long each stage took.

The stages follow each other without a gap: whatever happens belongs to the stage that was entered
last, so the stages of a quote always add up to its total.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Stage(StrEnum):
    """The stages of a quote.

    A cached quote ends in the stage `INSPECT` and does not reach the others.
    """

    DOWNLOAD = "download"
    INSPECT = "inspect"
    QUEUE = "queue"
    SLICE = "slice"
    EXTRACT = "extract"


class ProgressListener(Protocol):
    """Is told where a quote stands."""

    def enter(self, stage: Stage) -> None:
        """A stage begins."""

    def progress(self, percent: int) -> None:
        """So much of the slice is done, as the slicer says it."""


@dataclass(frozen=True, slots=True)
class StageTiming:
    """A measured stretch of time.

    Attributes:
        name: Of the stage, or `total`.
        start_ns: Nanoseconds since 1970.
        end_ns: The same; the difference does not depend on the wall clock being set.
        failed: It was left by an exception.
    """

    name: str
    start_ns: int
    end_ns: int
    failed: bool = False

    @property
    def elapsed_ms(self) -> float:
        """How long it took."""
        return (self.end_ns - self.start_ns) / 1_000_000


def added_ms(stage_timings: Iterable[StageTiming]) -> dict[str, float]:
    """Milliseconds by name: a stage may have been entered, left and entered again."""
    elapsed_ms: dict[str, float] = {}
    for each in stage_timings:
        elapsed_ms[each.name] = elapsed_ms.get(each.name, 0.0) + each.elapsed_ms
    return elapsed_ms


class StageTimer:
    """Measures the stages of one quote, from its making on.

    Args:
        on_stage: Is told the stage that begins.
        on_progress: Is told how many percent of the slice are done.

    Attributes:
        slice_percent: How much of the slice is done.
    """

    def __init__(
        self,
        on_stage: Callable[[Stage], None] | None = None,
        on_progress: Callable[[int], None] | None = None,
    ) -> None:
        self._on_stage = on_stage
        self._on_progress = on_progress
        self._epoch_ns = time.time_ns() - time.perf_counter_ns()
        self._start_ns = self._now_ns()
        self._entered: list[tuple[Stage, int]] = []
        self._end_ns: int | None = None
        self._failed = False
        self._inherited = 0
        self._forks: list[StageTimer] = []
        self.slice_percent = 0

    @property
    def stage(self) -> Stage | None:
        """Where the quote stands; None before it begins."""
        return self._entered[-1][0] if self._entered else None

    @property
    def ended(self) -> bool:
        """Whether the timer was stopped."""
        return self._end_ns is not None

    @property
    def forks(self) -> tuple[StageTimer, ...]:
        """The timers of the works that run side by side."""
        return tuple(self._forks)

    def fork(self) -> StageTimer:
        """A timer for one of several works on the same model.

        It has the same stages so far and goes on in the current one. From now on the current stage
        counts for the forks, and no longer for this timer.
        """
        fork = StageTimer()
        fork._epoch_ns, fork._start_ns = self._epoch_ns, self._start_ns
        fork._entered = list(self._entered)
        fork._inherited = max(0, len(self._entered) - 1)
        self._forks.append(fork)
        return fork

    def enter(self, stage: Stage) -> None:
        """Begins a stage, which ends the one before; the first stage began with the timer."""
        if self._entered and self._entered[-1][0] is stage:
            return
        self._entered.append((stage, self._now_ns() if self._entered else self._start_ns))
        if self._on_stage is not None:
            self._on_stage(stage)

    def progress(self, percent: int) -> None:
        """Notes how far the slice is, and passes it on."""
        self.slice_percent = percent
        if self._on_progress is not None:
            self._on_progress(percent)

    @contextlib.contextmanager
    def measuring(self) -> Iterator[None]:
        """Stops the timer at the end of the context, however that ends."""
        try:
            yield
        except BaseException:
            self.stop(failed=True)
            raise
        self.stop()

    def stop(self, *, failed: bool = False) -> None:
        """Ends the last stage, also of the forks; nothing after that is measured.

        Args:
            failed: It was left by an exception.
        """
        for fork in self._forks:
            fork.stop(failed=failed)
        if self._end_ns is None:
            self._end_ns = self._now_ns()
            self._failed = failed

    def stage_timings(self) -> tuple[StageTiming, ...]:
        """The stages that were reached, in this order, without those of the forks."""
        stage_timings = self._all_stage_timings()
        return stage_timings[:-1] if self._forks else stage_timings

    def own_stage_timings(self) -> tuple[StageTiming, ...]:
        """Of a fork: the stages that it did not share with its siblings."""
        return self._all_stage_timings()[self._inherited :]

    def _all_stage_timings(self) -> tuple[StageTiming, ...]:
        starts_ns = [start_ns for _, start_ns in self._entered]
        ends_ns = [*starts_ns[1:], self.total().end_ns]
        failed = [False] * (len(self._entered) - 1) + [self._failed]
        return tuple(
            StageTiming(stage.value, start_ns, end_ns, is_failed)
            for (stage, start_ns), end_ns, is_failed in zip(
                self._entered, ends_ns, failed, strict=False
            )
        )

    def total(self) -> StageTiming:
        """From the start until the timer was stopped, or until now."""
        end_ns = self._now_ns() if self._end_ns is None else self._end_ns
        return StageTiming("total", self._start_ns, end_ns)

    def timing_ms(self) -> dict[str, float]:
        """Milliseconds of each stage that was reached, and in total."""
        return added_ms((*self.stage_timings(), self.total()))

    def _now_ns(self) -> int:
        return self._epoch_ns + time.perf_counter_ns()

"""Remembers which files the slicer failed at, and refuses them for a while.

A client that repeats a model which crashes the slicer, or hangs it until the time limit, would take
slot after slot from everybody else. So a file that did it twice is refused for some minutes.
Once is not enough: the machine may have been short of memory. A file is known by its bytes alone.
With the settings in the key, the 2184 combinations of material, infill and layer height would be as
many fresh tries, and a crash comes from the mesh far more often than from a setting.

Only the slicer's own failures count. A caller who leaves, a service that shuts down and a slicer
that refuses the model in words say nothing against the file.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pricing_fdm.errors import (
    ModelUnsliceable,
    ResultIncomplete,
    SlicerCrashed,
    SlicingTimeout,
)

_TRIES = 2
_MOST_FILES = 10_000  # about 3 MB


class Quarantine:
    """The files that the slicer failed at lately.

    Args:
        remember_s: Seconds that a failure is remembered and a file refused; 0 refuses nothing.
        most_files: When more have failed, the one whose failure is longest ago is forgotten.
        clock: Seconds that never go back.

    Attributes:
        refusals: How often a file was refused.
    """

    def __init__(
        self,
        *,
        remember_s: float,
        most_files: int = _MOST_FILES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.refusals = 0
        self._remember_s = remember_s
        self._most_files = most_files
        self._clock = clock
        self._failed: OrderedDict[str, _Failures] = OrderedDict()

    def raise_if_held(self, sha256: str) -> None:
        """Returns when the file may be tried.

        Raises:
            ModelUnsliceable: The slicer failed at it twice.
        """
        failures = self._failures_at(sha256)
        if failures.count < _TRIES:
            return
        self.refusals += 1
        minutes = math.ceil((failures.until_s - self._clock()) / 60)
        raise ModelUnsliceable(
            "The slicer crashed at this file or did not finish it in time, twice. It is not tried "
            f"again, with any settings, for {minutes} min. Repair or simplify the model and send "
            "the new file.",
            log_detail=f"refused without slicing: {failures.count} failures of {sha256}",
        )

    @contextlib.contextmanager
    def watch(self, sha256: str) -> Iterator[None]:
        """Surrounds a slice of the file and notes whether the slicer failed.

        Asks again at its start, because others may have failed at the file while this one waited.

        Raises:
            ModelUnsliceable: As `raise_if_held`.
        """
        self.raise_if_held(sha256)
        try:
            yield
        except (SlicerCrashed, SlicingTimeout, ResultIncomplete):
            self._remember(sha256)
            raise
        self._failed.pop(sha256, None)

    def forget_all(self) -> None:
        """Forgets all failures: the slicer was at fault and not the files."""
        self._failed.clear()

    def _remember(self, sha256: str) -> None:
        count = self._failures_at(sha256).count + 1
        self._failed[sha256] = _Failures(count, self._clock() + self._remember_s)
        self._failed.move_to_end(sha256)
        if len(self._failed) > self._most_files:
            self._failed.popitem(last=False)

    def _failures_at(self, sha256: str) -> _Failures:
        failures = self._failed.get(sha256, _NO_FAILURES)
        return failures if self._clock() < failures.until_s else _NO_FAILURES


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    until_s: float


_NO_FAILURES = _Failures(0, 0.0)

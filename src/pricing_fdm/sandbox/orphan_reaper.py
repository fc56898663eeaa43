"""Finds and ends what a slicer left running outside its process group.

A program can leave its group with `setsid` and outlive its parent. It then falls to this process,
which has declared itself the reaper of its descendants. A run's id stands in the environment of
everything that it starts; so a stray of an ended run is told from the processes of a run that
still goes on. One that wiped its environment can be anybody's: it is ended as soon as no run is
active.

Only what fell to us is touched. A process that was our child before the runs began was started by
other code, which waits for it itself: taking its exit status away would break that code.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import itertools
import os
import signal
import uuid

from pricing_fdm.sandbox import process_table
from pricing_fdm.sandbox.process_table import Process

RUN_VARIABLE = "PRICING_FDM_RUN"

_PR_SET_CHILD_SUBREAPER = 36
_POLL_S = 0.005
_POLLS = 400  # two seconds; the kernel needs milliseconds


class OrphanReaper:
    """The runs of this process, and what they leave behind."""

    def __init__(self) -> None:
        self.reaped = 0
        self._adopting = False
        self._token = uuid.uuid4().hex[:16]
        self._runs = itertools.count()
        self._leaders: dict[str, int | None] = {}
        self._not_ours: frozenset[tuple[int, int]] = frozenset()
        self._killed: set[tuple[int, int]] = set()

    def adopt(self) -> None:
        """Makes this process the one that grandchildren fall to when their parent dies.

        Without it they fall to PID 1, which in many containers does not reap.
        """
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._adopting = True

    def begin(self) -> str:
        """Announces a run, before its program is started, and returns its id."""
        if not self._leaders:
            present = list(process_table.children(os.getpid()))
            self._killed &= {_name(child) for child in present}
            others = {_name(child) for child in present if self._run_of(child) is None}
            self._not_ours = frozenset(others - self._killed)
        run = f"{self._token}{next(self._runs):016x}"
        self._leaders[run] = None
        return run

    def started(self, run: str, leader: int) -> None:
        """Tells the process group of a run."""
        self._leaders[run] = leader

    async def end(self, run: str) -> None:
        """Ends a run whose group is gone: kills and reaps what escaped from it."""
        del self._leaders[run]
        if not self._adopting:
            return
        for _ in range(_POLLS):
            strays = [
                child for child in process_table.children(os.getpid()) if self._is_left(child)
            ]
            if not strays:
                return
            for stray in strays:
                self._kill(stray)
            await asyncio.sleep(_POLL_S)

    def _is_left(self, child: Process) -> bool:
        """Whether `child` fell to us from a run that has ended; reaps it if it has ended too."""
        if _name(child) in self._not_ours or child.group in self._leaders.values():
            return False
        if child.ended:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, os.WNOHANG)
            return False
        run = self._run_of(child)
        return not self._leaders if run is None else run not in self._leaders

    def _run_of(self, child: Process) -> str | None:
        """The run that started `child`; None where it does not say, or names another service's."""
        run = process_table.environment_value(child.pid, RUN_VARIABLE)
        return run if run is not None and run.startswith(self._token) else None

    def _kill(self, stray: Process) -> None:
        if _name(stray) not in self._killed:
            self._killed.add(_name(stray))
            self.reaped += 1
        with contextlib.suppress(ProcessLookupError):
            os.kill(stray.pid, signal.SIGKILL)


def _name(child: Process) -> tuple[int, int]:
    return child.pid, child.started

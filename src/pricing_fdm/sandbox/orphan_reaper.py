"""Finds and ends what a slicer left running outside its process group.

A program can leave its group with `setsid` and outlive its parent. It then becomes a child of this
process, which has declared itself the reaper of its descendants. The id of a run is in the
environment of every process of that run, so orphans of an ended run can be distinguished from the
processes of a run that is still active. An orphan without that variable may belong to any run; it
is killed as soon as no run is active.

Only orphans are killed and reaped. A process that was our child before the runs began was started
by other code, which waits for it itself and needs its exit status.
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
        self._residents: set[str] = set()
        self._not_ours: frozenset[tuple[int, int]] = frozenset()
        self._killed: set[tuple[int, int]] = set()

    def adopt(self) -> None:
        """Makes this process the parent of all descendants whose own parent dies.

        Otherwise PID 1 becomes their parent, which in many containers does not reap.
        """
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._adopting = True

    def begin(self, *, resident: bool = False) -> str:
        """Registers a run before its program is started, and returns its id.

        Args:
            resident: It is a program of ours that never ends and leaves its group by no means. It
                does not count as active where an orphan may belong to any run.
        """
        if not self._is_any_active():
            present = list(process_table.children(os.getpid()))
            self._killed &= {_name(child) for child in present}
            others = {_name(child) for child in present if self._run_of(child) is None}
            self._not_ours = frozenset(others - self._killed)
        run = f"{self._token}{next(self._runs):016x}"
        self._leaders[run] = None
        if resident:
            self._residents.add(run)
        return run

    def started(self, run: str, leader: int) -> None:
        """Registers the process group of a run."""
        self._leaders[run] = leader

    async def end(self, run: str) -> None:
        """Ends a run whose group is gone: kills and reaps the processes that escaped from it."""
        del self._leaders[run]
        self._residents.discard(run)
        if not self._adopting:
            return
        for _ in range(_POLLS):
            orphans = [
                child for child in process_table.children(os.getpid()) if self._is_left(child)
            ]
            if not orphans:
                return
            for orphan in orphans:
                self._kill(orphan)
            await asyncio.sleep(_POLL_S)

    def _is_left(self, child: Process) -> bool:
        """Whether `child` is a living orphan of an ended run; reaps a zombie."""
        if _name(child) in self._not_ours or child.group in self._leaders.values():
            return False
        if child.ended:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, os.WNOHANG)
            return False
        run = self._run_of(child)
        return not self._is_any_active() if run is None else run not in self._leaders

    def _is_any_active(self) -> bool:
        return bool(self._leaders.keys() - self._residents)

    def _run_of(self, child: Process) -> str | None:
        """The run that started `child`; None when its environment names no run of this service."""
        run = process_table.environment_value(child.pid, RUN_VARIABLE)
        return run if run is not None and run.startswith(self._token) else None

    def _kill(self, orphan: Process) -> None:
        if _name(orphan) not in self._killed:
            self._killed.add(_name(orphan))
            self.reaped += 1
        with contextlib.suppress(ProcessLookupError):
            os.kill(orphan.pid, signal.SIGKILL)


def _name(child: Process) -> tuple[int, int]:
    return child.pid, child.started

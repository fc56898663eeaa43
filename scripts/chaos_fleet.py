"""The workers of `scripts/chaos.py`: started, killed, frozen, and what they leave behind."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pricing_fdm.sandbox.process import adopt_orphans
from pricing_fdm.sandbox.process_table import children, family, process
from tests.harness.waiting import wait_until
from tests.jobs.workers import RunningWorker, started_worker

_SETTLES_S = 5.0
_LOOKS = 500


@dataclass
class Fleet:
    """Workers that share a folder, as those of one machine do.

    Attributes:
        outcomes: How attempts ended, as the logs of the workers that have ended tell it. A worker
            that is killed may not have written its last lines.
        killed: How many workers were.
    """

    redis_url: str
    environment: Mapping[str, str]
    outcomes: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    _running: dict[int, tuple[RunningWorker, contextlib.ExitStack]] = field(default_factory=dict)

    def start(self) -> RunningWorker:
        """Starts a worker; it takes jobs a few seconds later."""
        stack = contextlib.ExitStack()
        worker = stack.enter_context(started_worker(self.redis_url, self.environment))
        self._running[worker.process.pid] = (worker, stack)
        return worker

    def pick(self, chance: random.Random) -> RunningWorker:
        """Any worker."""
        worker, _ = chance.choice(list(self._running.values()))
        return worker

    def pick_slicing(self, chance: random.Random) -> RunningWorker:
        """One whose slicer runs now; any, if none is found in a while."""
        for _ in range(_LOOKS):
            worker = self.pick(chance)
            if any(children(worker.process.pid)):
                return worker
            time.sleep(0.01)
        return self.pick(chance)

    def complete(self) -> bool:
        """Whether all take jobs: a machine that starts them slowly would else be left with none."""
        logs = (worker.log_path.read_text() for worker, _ in self._running.values())
        return all("self_test_finished" in log for log in logs)

    def kill(self, worker: RunningWorker) -> None:
        """Ends it by SIGKILL, without a last word, and starts another."""
        worker.kill(signal.SIGKILL)
        worker.process.wait()
        self.killed += 1
        self._forget(worker)
        self.start()

    def stop_all(self) -> None:
        """Ends all in order."""
        for worker, _ in list(self._running.values()):
            worker.kill(signal.SIGTERM)
        for worker, _ in list(self._running.values()):
            self._forget(worker)

    def exit_codes(self) -> list[int]:
        """Of workers that have ended by themselves: there should be none."""
        codes = (worker.process.poll() for worker, _ in self._running.values())
        return [code for code in codes if code is not None]

    def _forget(self, worker: RunningWorker) -> None:
        _, stack = self._running.pop(worker.process.pid)
        if worker.process.poll() is None:
            worker.process.wait()
        self.outcomes.update(_outcomes(worker.log_path))
        stack.close()


@contextlib.contextmanager
def fleet(redis_url: str, environment: Mapping[str, str]) -> Iterator[Fleet]:
    """A fleet without workers yet; all have ended when the context is left.

    This process becomes the parent of whatever the workers leave: nothing escapes `leftovers`.
    """
    adopt_orphans()
    workers = Fleet(redis_url, environment)
    try:
        yield workers
    finally:
        workers.stop_all()


def leftovers(known: set[int]) -> list[int]:
    """Processes below this one that nobody knows, after a moment to end."""

    def unknown() -> list[int]:
        theirs = {each.pid for pid in known for each in family(pid)}
        ours = [each for each in family(os.getpid()) if each.pid != os.getpid()]
        return [each.pid for each in ours if each.pid not in theirs and not each.ended]

    with contextlib.suppress(AssertionError):
        wait_until(lambda: not unknown(), _SETTLES_S)
    return [pid for pid in unknown() if process(pid) is not None]


def _outcomes(log: Path) -> Iterator[str]:
    for line in log.read_text().splitlines():
        with contextlib.suppress(ValueError):  # the last line of a killed worker
            event = json.loads(line)
            if event["event"] == "job_finished":
                yield event["outcome"]

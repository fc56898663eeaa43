"""Starts `pricing-fdm` in a process of its own, with an environment and a log.

Half of what a start costs is importing the same modules, and the tests start hundreds of services.
There (`import_once`) a start is a fork of a process that has imported the modules and done nothing
else. Scripts and benchmarks, which measure, start a new Python.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

NEW_PYTHON = ("-m", "pricing_fdm")
# What `serve` imports before it reads its settings, and the worker for the most part.
_IMPORTED = ["pricing_fdm.cli", "pricing_fdm.commands.serve"]

_forks: list[ForkServerContext] = []


def import_once() -> None:
    """Makes `start` fork what it starts; the first start makes the process that is forked."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    _forks[:] = [context]


def start(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    python: Sequence[str] = (),
) -> Program:
    """Starts a command; what it says goes to the log.

    Args:
        arguments: Of the command.
        environment: All that it has.
        log: A new file.
        python: What a new Python executes, such as `NEW_PYTHON`, where a fork will not do.
    """
    log.touch()
    if _forks and not python:
        given = (list(arguments), dict(environment), log)
        fork = _forks[0].Process(target=_become, args=given, daemon=True)
        fork.start()
        return Fork(fork)
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, *(python or NEW_PYTHON), *arguments],
            env=dict(environment),
            stdout=file,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )


def _become(arguments: list[str], environment: dict[str, str], log: Path) -> None:
    """What the fork does: all that a new process has from whoever starts it, then the command."""
    from pricing_fdm.cli import main

    for flags, path, descriptors in ((os.O_RDONLY, os.devnull, (0,)), (os.O_WRONLY, log, (1, 2))):
        opened = os.open(path, flags)
        for descriptor in descriptors:
            os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.exit(main(arguments))


class Fork:
    """A fork, with the part of `subprocess.Popen` that tests use."""

    def __init__(self, process: ForkServerProcess) -> None:
        assert process.pid is not None
        self.pid = process.pid
        self._process = process

    def poll(self) -> int | None:
        """Its exit code when it has ended; a signal's number, negative, when that ended it."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end and returns the exit code.

        Raises:
            subprocess.TimeoutExpired: It has not ended.
        """
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("pricing-fdm", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Sends a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it."""
        self.send_signal(signal.SIGKILL)


Program = Fork | subprocess.Popen[bytes]

"""Does what a test asked for: hangs, forks, floods, crashes, or lies in the G-code.

The deeds of one run happen in the order of the fields of `Behaviour`: first it
spawns, then it consumes, then it ends (or does not).
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from typing import TYPE_CHECKING, NoReturn

from tests.fakes.records import record

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.behaviour import Behaviour, Stage

_MEGABYTE = 1 << 20
_A_YEAR_S = 3.2e7
# Memory eaten, held until the process ends.
_KEPT: list[bytes] = []


def obey_signals() -> None:
    """Dies of a reader that goes away and of a file-size limit, where Python would raise."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)


def act(behaviour: Behaviour, stage: Stage, folder: Path) -> None:
    """Does at this stage what the behaviour asks for; may never return.

    Args:
        behaviour: What to do.
        stage: Where the run stands; other stages' deeds are left alone.
        folder: Where a huge file goes.

    Raises:
        MemoryError: It was to eat more than it may.
    """
    if stage != behaviour.stage:
        return
    if behaviour.ignore_sigterm:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _spawn(behaviour)
    _consume(behaviour, folder)
    _end(behaviour)


def corrupted(behaviour: Behaviour, gcode: str) -> str:
    """The G-code with the lies the behaviour asks for."""
    changes = {
        f"; {name} = ": f"; {name} = {v}" for name, v in (behaviour.reported_settings or {}).items()
    }
    changes |= behaviour.change_lines or {}
    lines = []
    for line in gcode.split("\n"):
        if any(line.startswith(prefix) for prefix in behaviour.drop_lines):
            continue
        lines.append(next((new for old, new in changes.items() if line.startswith(old)), line))
    if behaviour.padding_mb:
        move = "G1 X100.000 Y100.000 E0.00000"
        count = int(behaviour.padding_mb * _MEGABYTE / (len(move) + 1))
        middle = len(lines) // 2
        if lines:
            lines[middle:middle] = [move] * count
    return "\n".join(lines)


def _spawn(behaviour: Behaviour) -> None:
    """Forks what was asked for and waits until each is on record."""
    ready, done = os.pipe()
    if behaviour.child_holds_pipes_s:
        if os.fork() == 0:
            record(behaviour, "child")
            os.write(done, b".")
            _sleep_and_leave(behaviour.child_holds_pipes_s)
        os.read(ready, 1)
    if behaviour.daemon_s:
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            if not behaviour.daemon_holds_pipes:
                null = os.open(os.devnull, os.O_RDWR)
                for stream in (0, 1, 2):
                    os.dup2(null, stream)
            record(behaviour, "daemon")
            os.write(done, b".")
            _sleep_and_leave(behaviour.daemon_s)
        os.read(ready, 1)
    os.close(ready)
    os.close(done)


def _sleep_and_leave(seconds: float) -> NoReturn:
    time.sleep(seconds)
    os._exit(0)


def _consume(behaviour: Behaviour, folder: Path) -> None:
    for text, megabytes, stream in (
        (behaviour.stdout, behaviour.flood_stdout_mb, sys.stdout),
        (behaviour.stderr, behaviour.flood_stderr_mb, sys.stderr),
    ):
        stream.write(text)
        line = "flood " * 170 + "\n"
        for _ in range(int(megabytes * _MEGABYTE / len(line))):
            stream.write(line)
        stream.flush()
    _eat(behaviour.eat_memory_mb)
    if behaviour.write_file_mb:
        with (folder / "huge.bin").open("wb") as file:
            for _ in range(behaviour.write_file_mb):
                file.write(b"\xa5" * _MEGABYTE)
    until = time.process_time() + behaviour.burn_cpu_s
    while time.process_time() < until:
        sum(range(10_000))
    time.sleep(behaviour.sleep_s)
    while behaviour.hang_until and not os.access(behaviour.hang_until, os.F_OK):
        time.sleep(0.02)


def _eat(megabytes: int) -> None:
    page = os.urandom(4096)
    try:
        _KEPT.extend(page * (_MEGABYTE // 4096) for _ in range(megabytes))
    except MemoryError:
        _KEPT.clear()  # so that the program can still say what happened
        raise


def _end(behaviour: Behaviour) -> None:
    if behaviour.hang:
        time.sleep(_A_YEAR_S)
    if behaviour.crash_signal:
        die_of(signal.Signals[behaviour.crash_signal])
    if behaviour.exit_code is not None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(behaviour.exit_code)


def die_of(number: signal.Signals) -> NoReturn:
    """Ends the process as a crash does, without a core file."""
    sys.stdout.flush()
    sys.stderr.flush()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if number not in {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    time.sleep(_A_YEAR_S)
    raise AssertionError("a signal that ends no process")

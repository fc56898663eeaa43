"""Stands as process 1 in a PID namespace and tells truly how the program beside it ended.

A process 1 is deaf to the signals that limits are enforced with, so the program must not be it.
bubblewrap's own process 1 loses the program's CPU time and memory, and it tells "ended by signal n"
and "exit code 128 + n" alike, of which OrcaSlicer uses both (-100 is 156). So the shell takes its
place: the kernel hands its children's usage on, and it complains when a signal ends one. We catch
that: descriptor 0 is our pipe, the shell's own words go there, and the program never has it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

_STARTED = b"started\n"
_SCRIPT = 'echo started >&0; exec 3>&2 2>&0 </dev/null; (exec "$@" 2>&3 3>&-)'
_SILENT = {signal.SIGINT, signal.SIGPIPE}  # a shell does not complain of these two
_SIGNAL_BASE = 128
_REPORT_BYTES = 4096


def supervised(argv: Sequence[str], env: Mapping[str, str]) -> list[str]:
    """The command that runs `argv` with exactly `env`, whatever a shell adds to its own."""
    variables = [f"{name}={value}" for name, value in env.items()]
    return ["/bin/sh", "-c", _SCRIPT, "sh", "/usr/bin/env", "-i", *variables, *argv]


class Report:
    """The pipe that a supervisor reports through.

    Attributes:
        writing: Its end of the pipe, to be its descriptor 0.
    """

    def __init__(self) -> None:
        self._reading, self.writing = os.pipe()
        os.set_blocking(self._reading, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        os.close(self._reading)
        os.close(self.writing)

    def true_code(self, code: int) -> int | None:
        """The program's own end, as `os.waitstatus_to_exitcode` tells it; None: it never began.

        Args:
            code: How the supervisor ended, told in that way.
        """
        try:
            words = os.read(self._reading, _REPORT_BYTES)
        except BlockingIOError:
            words = b""
        if code < 0:
            return code
        if not words.startswith(_STARTED):
            return None
        number = code - _SIGNAL_BASE
        ended_by_signal = number in _SILENT or (number > 0 and words != _STARTED)
        return -number if ended_by_signal else code

"""A shell as process 1 of a PID namespace, and how its report gives the program's true exit status.

Process 1 ignores the signals that enforce limits, so the program must not be process 1. bubblewrap
has a process 1 of its own, but it loses the program's CPU time and memory, and it gives the same
exit code for "ended by signal n" and "exit code 128 + n"; OrcaSlicer uses both (-100 is 156). So a
shell is process 1: the kernel adds up what its children used, and the shell prints a message when a
signal ends one. That message goes to descriptor 0, which is our pipe; the program does not get it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

_STARTED = b"started\n"
_SCRIPT = 'echo started >&0; exec 3>&2 2>&0 </dev/null; (exec "$@" 2>&3 3>&-)'
_SILENT = {signal.SIGINT, signal.SIGPIPE}  # a shell prints no message for these two
_SIGNAL_BASE = 128
_REPORT_BYTES = 4096


def supervised(
    argv: Sequence[str], env: Mapping[str, str], become: Sequence[str] = ()
) -> list[str]:
    """The command that runs `argv` with exactly `env`, without the variables that a shell adds.

    Args:
        argv: The program and its arguments.
        env: Its complete environment.
        become: A command that executes another one, as another user.
    """
    variables = [f"{name}={value}" for name, value in env.items()]
    return ["/bin/sh", "-c", _SCRIPT, "sh", *become, "/usr/bin/env", "-i", *variables, *argv]


class Report:
    """The pipe that the shell reports through.

    Attributes:
        writing: The end that becomes descriptor 0 of the shell.
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
        """The exit code of the program itself; None when it never started.

        Args:
            code: The exit code of the shell, as `os.waitstatus_to_exitcode` gives it. A negative
                code, here and in the result, is the number of the signal that ended it.
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

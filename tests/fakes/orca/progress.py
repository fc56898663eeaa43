"""Reports progress to the FIFO that `--pipe` names: one JSON object a line.

The FIFO needs a reader already: it is opened without blocking, a second long, then given up
silently. When the reader goes away the program dies of SIGPIPE, as a write to a pipe does.
"""

from __future__ import annotations

import json
import os
import time

_TRIES = 50
_PAUSE_S = 0.02
_LONGEST_LINE = 512


class Progress:
    """The open FIFO, or nothing at all."""

    def __init__(self, fifo: str) -> None:
        self._handle = _opened(fifo) if fifo else None

    def tell(self, message: str, plate_percent: int, total_percent: int) -> None:
        """Sends one state."""
        if self._handle is not None:
            state = {
                "message": message,
                "plate_count": 1,
                "plate_index": 1,
                "plate_percent": plate_percent,
                "total_percent": total_percent,
            }
            line = json.dumps(state, separators=(",", ":")).encode()[: _LONGEST_LINE - 1]
            os.write(self._handle, line + b"\n")

    def close(self) -> None:
        """Lets the reader see the end."""
        if self._handle is not None:
            os.close(self._handle)


def _opened(fifo: str) -> int | None:
    for _ in range(_TRIES):
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # no reader yet, or no such FIFO
            time.sleep(_PAUSE_S)
    return None

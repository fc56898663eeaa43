"""Minimum speed: ends a transfer that sends a byte before each read timeout, and no more.

Speed is judged over windows that do not overlap: a transfer may pause within one, and a file that
is complete before its first window ends is never judged.
"""

from __future__ import annotations

import time


class Pace:
    """Counts bytes and says when a whole window was too slow.

    Args:
        min_bytes_per_s: The average that each window must reach.
        window_s: Length of a window.
    """

    def __init__(self, min_bytes_per_s: float, window_s: float) -> None:
        self._min_bytes_per_s = min_bytes_per_s
        self._window_s = window_s
        self._window_start = time.monotonic()
        self._window_bytes = 0

    def keeps_up(self, received_bytes: int) -> bool:
        """Count what just came; False when the window that it closes was too slow."""
        self._window_bytes += received_bytes
        now = time.monotonic()
        elapsed_s = now - self._window_start
        if elapsed_s < self._window_s:
            return True
        enough = self._window_bytes >= self._min_bytes_per_s * elapsed_s
        self._window_start, self._window_bytes = now, 0
        return enough

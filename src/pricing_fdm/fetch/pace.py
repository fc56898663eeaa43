"""Ends a transfer that is too slow, or that comes in too many small pieces.

A byte before each read timeout would meet no other limit. Speed is judged over windows that do not
overlap: a transfer may pause within one, and a file that is complete before its first window ends
is never judged.

Each piece of a body costs some 15 us, however small it is: 0.8 MB in chunks of one byte took 8 s of
CPU. A program that streams an ASCII STL line by line may do so for a small part.
"""

from __future__ import annotations

import time

SMALL_BYTES = 256
MOST_SMALL_PIECES = 40_000


class SmallPieces:
    """Counts the small pieces of one body.

    Args:
        most: More are too many.
    """

    def __init__(self, most: int = MOST_SMALL_PIECES) -> None:
        self._most = most
        self._count = 0

    def are_too_many(self, piece_bytes: int) -> bool:
        """Count what just came; True when there were too many small ones."""
        self._count += piece_bytes < SMALL_BYTES
        return self._count > self._most


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

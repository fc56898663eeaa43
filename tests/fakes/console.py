"""What the slicers write to their streams, in their form.

Log lines go to stdout with a timestamp and a thread number; exception texts go to stderr.
"""

from __future__ import annotations

import sys
import time

# The thread's address; a constant keeps two runs comparable.
_THREAD = "0x00007f0000000540"


def log(severity: str, text: str) -> None:
    """One line of the slicers' logger, on stdout."""
    now = time.time()
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
    out(f"[{stamp}.{int(now % 1 * 1e6):06d}] [{_THREAD}] [{severity}]   {text}\n")


def out(text: str) -> None:
    """Text on stdout, at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


def err(text: str) -> None:
    """Text on stderr, at once."""
    sys.stderr.write(text)
    sys.stderr.flush()

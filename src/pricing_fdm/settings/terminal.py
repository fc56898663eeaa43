"""Whether whoever reads a terminal wants colour: https://no-color.org."""

from __future__ import annotations

import os
from typing import TextIO


def in_colour(stream: TextIO) -> bool:
    """On a terminal that can, unless NO_COLOR is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

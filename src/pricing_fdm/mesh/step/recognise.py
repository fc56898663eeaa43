"""Which files are STEP, by their content only.

ISO 10303-21 has a file begin with `ISO-10303-21;`. Editors put a byte order mark in front of it,
and the standard allows blanks and comments wherever it allows a blank.
"""

from __future__ import annotations

import re
from pathlib import Path

STEP = "step"
"""Public name of the format, `model.format` of a quote."""

HEAD_BYTES = 4096

# Possessive and atomic: a head full of comments must not be tried in every grouping.
_BEGINNING = re.compile(
    rb"(?:\xef\xbb\xbf)?+(?:\s++|(?>/\*.*?\*/))*+ISO-10303-21\s*;", re.DOTALL | re.IGNORECASE
)


def looks_like_step(head: bytes) -> bool:
    """Whether a file that begins with `head`, some thousand bytes of it, says that it is STEP.

    STEP is text: a NUL tells a binary STL of that name.
    """
    return b"\0" not in head and _BEGINNING.match(head) is not None


def is_step(path: Path) -> bool:
    """Whether the file says that it is STEP."""
    with path.open("rb") as file:
        return looks_like_step(file.read(HEAD_BYTES))

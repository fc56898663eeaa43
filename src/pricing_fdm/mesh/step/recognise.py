"""Recognises STEP files by their content only.

By ISO 10303-21 a file begins with `ISO-10303-21;`. Editors put a byte order mark in front of it,
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
    """Whether `head`, the first few thousand bytes of a file, begins like STEP.

    STEP is text; a file with a NUL is a binary STL whose header looks like STEP.
    """
    return b"\0" not in head and _BEGINNING.match(head) is not None


def is_step(path: Path) -> bool:
    """Whether the file begins like STEP."""
    with path.open("rb") as file:
        return looks_like_step(file.read(HEAD_BYTES))

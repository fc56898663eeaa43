"""A slice result as text, and back.

The text begins with a digest of the rest. A digit that flips in memory or in a store would still be
a number, and would become somebody's price. Text that does not match its digest, or that does not
have the shape of a slice result, is `Corrupt`; the part is then sliced again.
"""

from __future__ import annotations

import functools
import hashlib

from pydantic import TypeAdapter, ValidationError

from pricing_fdm.model import SliceResult

_DIGEST_CHARACTERS = 32


class Corrupt(Exception):
    """The text was not made by `to_text` of this version, or was damaged."""


def to_text(result: SliceResult) -> str:
    """Writes a result down; figures keep every digit."""
    content = _adapter().dump_json(result).decode()
    return _digest(content) + content


def to_result(text: str) -> SliceResult:
    """Reads a result.

    Raises:
        Corrupt: The text was changed, cut off, or written by another version.
    """
    digest, content = text[:_DIGEST_CHARACTERS], text[_DIGEST_CHARACTERS:]
    if _digest(content) != digest:
        raise Corrupt
    try:
        return _adapter().validate_json(content)
    except ValidationError as error:
        raise Corrupt from error


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode(errors="replace")).hexdigest()[:_DIGEST_CHARACTERS]


@functools.cache  # made when it is used first: it costs the start some milliseconds
def _adapter() -> TypeAdapter[SliceResult]:
    return TypeAdapter(SliceResult)

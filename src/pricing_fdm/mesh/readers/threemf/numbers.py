"""Converts the numbers of a 3MF from texts of attributes to arrays.

Python and numpy accept more than 3MF does: `1_0`, `nan`, `inf`, Arabic digits. So the characters
of thousands of numbers at once are checked first.

Cost: O(n) in characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from pricing_fdm.mesh.readers.threemf.budget import fault
from pricing_fdm.mesh.readers.threemf.xml import Attributes
from pricing_fdm.mesh.triangles import Ints, Reals

_OF_NUMBERS = b"0123456789+-.eE"
_OF_INDICES = b"0123456789"
_BLANK = b" "
_INDEX_END = 2**31
_MATRIX_NUMBERS = 12
_NO_NUMBER = "holds a coordinate or a transform that is no number"
_NO_INDEX = "holds an index or an id that is no whole number, or too large a one"


def plain(texts: Sequence[str]) -> bool:
    """Whether the texts consist only of the characters of numbers."""
    return not _other_than(_OF_NUMBERS, texts)


def reals(texts: Sequence[str]) -> Reals:
    """Converts numbers.

    Raises:
        ModelInvalid: One of them is no number, or too large.
    """
    if _other_than(_OF_NUMBERS + _BLANK, texts):
        raise fault(_NO_NUMBER)
    try:
        numbers = np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        raise fault(_NO_NUMBER) from None
    if not np.isfinite(numbers).all():
        raise fault("holds a number that is too large")
    return numbers


def indices(texts: Sequence[str]) -> Ints:
    """Converts whole numbers from 0 to 2^31 - 1.

    Raises:
        ModelInvalid: One of them is no such number.
    """
    if _other_than(_OF_INDICES + _BLANK, texts):
        raise fault(_NO_INDEX)
    try:
        numbers = np.fromiter(map(int, texts), np.int64, len(texts))
    except (ValueError, OverflowError):
        raise fault(_NO_INDEX) from None
    if (numbers >= _INDEX_END).any():
        raise fault(_NO_INDEX)
    return numbers.astype(np.int32)


def index(text: str) -> int:
    """Converts one whole number from 0 to 2^31 - 1.

    Raises:
        ModelInvalid: It is no such number.
    """
    return int(indices([text])[0])


def matrix(text: str | None) -> Reals:
    """Converts a transform to (4, 3), for row vectors with a fourth coordinate 1.

    Raises:
        ModelInvalid: Not twelve numbers.
    """
    if text is None:
        return np.eye(4, 3)
    numbers = reals(text.split())
    if len(numbers) != _MATRIX_NUMBERS:
        raise fault("holds a transform that is not twelve numbers")
    return numbers.reshape(4, 3)


def columns(rows: Sequence[Attributes], names: tuple[str, str, str]) -> list[str]:
    """The values of three attributes of each row, row by row.

    Raises:
        ModelInvalid: A row lacks one of them.
    """
    flat = list(chain.from_iterable(rows))
    if {len(row) for row in rows} == {6} and flat[0::2] == list(names) * len(rows):
        return flat[1::2]
    try:
        return [
            attributes[name]
            for attributes in (dict(zip(row[::2], row[1::2], strict=True)) for row in rows)
            for name in names
        ]
    except KeyError:
        raise fault("holds a vertex or a triangle without its three numbers") from None


def _other_than(characters: bytes, texts: Sequence[str]) -> bytes:
    return "".join(texts).encode().translate(None, characters)

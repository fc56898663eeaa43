"""Sorts millions of keys, each with a number.

numpy's `sort` is five times as fast as its `argsort` (6 million: 0.11 s, not 0.6 s). So key and
number are packed into one 64-bit number if they fit, as they nearly always do.

Cost: O(n log n) in keys.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.triangles import Flags, Ints

Keys: TypeAlias = npt.NDArray[np.uint64]

_BITS = 64


def sorted_along(keys: Keys, numbers: Ints, *, largest_key: int) -> tuple[Keys, Ints]:
    """The keys in rising order, each with its number; equal keys in the order of their numbers.

    Args:
        keys: Overwritten.
        numbers: Rising, none negative.
        largest_key: No key is larger.
    """
    number_bits = bits_of(int(numbers[-1])) if len(numbers) else 0
    if largest_key.bit_length() + number_bits > _BITS:
        order = np.argsort(keys, kind="stable")
        return keys.take(order), numbers.take(order)
    keys <<= np.uint64(number_bits)
    keys |= numbers.astype(np.uint64)
    keys.sort()
    numbers = (keys & np.uint64((1 << number_bits) - 1)).astype(np.int32)
    keys >>= np.uint64(number_bits)
    return keys, numbers


def pairs_of(first: npt.NDArray[np.integer], second: npt.NDArray[np.integer], bits: int) -> Keys:
    """Packs two numbers, not negative, into one key; the second has at most so many bits."""
    keys = first.astype(np.uint64)
    keys <<= np.uint64(bits)
    keys |= second.astype(np.uint32, copy=False)
    return keys


def begins(sorted_keys: Keys) -> Flags:
    """Where a key differs from the one before it."""
    flags = np.ones(len(sorted_keys), dtype=np.bool_)
    np.not_equal(sorted_keys[1:], sorted_keys[:-1], out=flags[1:])
    return flags


def bits_of(largest: int) -> int:
    """How many bits numbers up to this one take."""
    return max(1, largest.bit_length())

"""Sorting keys that take a number along."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.sorting import begins, sorted_along


@pytest.mark.parametrize(
    "largest_key", [2**20, 2**64 - 1], ids=["packed into one number", "no room to pack"]
)
def test_equal_keys_keep_the_order_of_their_numbers(largest_key: int) -> None:
    """Whichever way they are sorted, so that the same file always gives the same mesh."""
    keys = np.random.default_rng(1).integers(0, 50, 1000).astype(np.uint64)
    keys[7] = largest_key
    numbers = np.arange(0, 2000, 2, dtype=np.int32)
    expected = sorted(zip(keys.tolist(), numbers.tolist(), strict=True))
    ordered, along = sorted_along(keys, numbers, largest_key=largest_key)
    assert list(zip(ordered.tolist(), along.tolist(), strict=True)) == expected


@pytest.mark.parametrize(
    ("keys", "flags"),
    [([], []), ([4], [True]), ([4, 4, 5, 7, 7], [True, False, True, True, False])],
    ids=["none", "one", "groups"],
)
def test_a_group_begins_where_the_key_changes(keys: list[int], flags: list[bool]) -> None:
    """Also where there is no key at all: a file of slivers leaves no triangle."""
    assert begins(np.array(keys, dtype=np.uint64)).tolist() == flags

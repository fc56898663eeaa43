"""What bytes that are no STL look like."""

from __future__ import annotations

import pytest

from pricing_fdm.mesh.readers.lookalikes import looks_like
from tests.mesh.foreign import FOREIGN_HEADS


@pytest.mark.parametrize(("head", "what"), FOREIGN_HEADS)
def test_well_known_content_is_called_by_its_name(head: bytes, what: str) -> None:
    """Nobody who uploaded an error page is helped by "unknown format"."""
    known = looks_like(head)
    assert known is not None
    assert what in known[0]
    assert known[1].endswith(".")


@pytest.mark.parametrize("head", [bytes(200), b"\x00\x01\x02", b"header".ljust(80, b"\0")])
def test_other_bytes_are_left_open(head: bytes) -> None:
    """A damaged binary STL has no mark of its own; it must not be called text."""
    assert looks_like(head) is None


@pytest.mark.parametrize("head", [b"#\n" * 2048, b"# " * 2048, b"\n" * 4096, b"<?xml" * 800])
def test_no_head_of_one_pattern_takes_long(head: bytes) -> None:
    """Every pattern is anchored and cannot backtrack over the head."""
    assert looks_like(head) is not None

from __future__ import annotations

import pytest

from benchmarks import peer, timing
from benchmarks.suite import BENCHMARKS, chosen


def test_all_but_the_peer_are_measured() -> None:
    """The peer needs programs that the project does not."""
    assert set(chosen([], with_peer=False)) == set(BENCHMARKS) - {peer.NAME}


def test_what_looks_at_all_quotes_comes_last() -> None:
    """It would miss those that come after it."""
    assert chosen([], with_peer=True)[-1] == timing.NAME


def test_some_can_be_chosen() -> None:
    """In the order of the suite, whatever the order of their names."""
    assert chosen(["timing", "memory"], with_peer=False) == ["memory", "timing"]
    assert chosen(["memory"], with_peer=True) == ["memory", peer.NAME]


def test_an_unknown_name_is_refused() -> None:
    """A typing error must not end as an empty report."""
    with pytest.raises(ValueError, match="memmory"):
        chosen(["memmory"], with_peer=False)

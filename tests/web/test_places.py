"""Places are counted, bounded, and free again whatever happens."""

from __future__ import annotations

import pytest

from pricing_fdm.errors import StreamsFull
from pricing_fdm.web.places import Places


def test_a_request_beyond_the_last_place_is_refused_until_one_is_free() -> None:
    """With the error of its route."""
    places = Places(2, lambda: StreamsFull("full", retry_after_s=10))
    with places.place():
        with places.place():
            assert places.taken == 2
            with pytest.raises(StreamsFull, match="full"), places.place():
                pass
        with places.place():
            assert places.taken == 2
    assert places.taken == 0


def test_a_place_is_free_again_after_a_failure() -> None:
    """Otherwise failures would use all places up."""
    places = Places(1, lambda: StreamsFull("full", retry_after_s=10))
    with pytest.raises(ZeroDivisionError), places.place():
        raise ZeroDivisionError
    assert places.taken == 0

"""A caller gets the smallest coding of those that he wants most."""

from __future__ import annotations

import pytest

from pricing_fdm.web.content_coding import CODINGS, chosen_coding


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ([], "identity"),
        ([""], "identity"),
        (["gzip, deflate, br, zstd"], "br"),
        (["gzip", "br"], "br"),
        (["gzip, deflate"], "gzip"),
        (["X-GZip"], "gzip"),
        (["br;q=0.5, gzip;q=0.8"], "gzip"),
        (["br ; Q=0.8 , gzip ; q=0.8"], "br"),
        (["br;q=0, gzip;q=0"], "identity"),
        (["*"], "br"),
        (["*, br;q=0"], "gzip"),
        (["*;q=0"], "identity"),
        (["identity, br;q=0.9"], "identity"),
        (["identity;q=0.5, gzip;q=0.9"], "gzip"),
        (["identity, gzip"], "gzip"),
        (["zstd, deflate"], "identity"),
        (["br;q=much, gzip;q=0.1"], "gzip"),
        (["br;q=2, gzip;q=nan"], "identity"),
        (["br;level=11"], "br"),
        ([",;q=1,"], "identity"),
    ],
)
def test_the_weights_decide_and_then_the_size(accepted: list[str], coding: str) -> None:
    assert chosen_coding(accepted, CODINGS) == coding


def test_what_is_not_kept_is_not_chosen() -> None:
    """A page that was built by an older release has no compressed files."""
    assert chosen_coding(["br, gzip"], ()) == "identity"
    assert chosen_coding(["br, gzip"], ("gzip",)) == "gzip"

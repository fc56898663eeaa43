"""A coded body comes out as it was before, little by little, or not at all."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from pricing_fdm.fetch.coding import (
    HARMLESS_BYTES,
    MAX_RATIO,
    MOST_MEMBERS,
    CodingError,
    Unpacked,
)

BODY = bytes(range(256)) * 700


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def unpacked(coding: str, body: bytes, piece_bytes: int = 1000) -> bytes:
    """All of it, received in pieces."""
    whole = Unpacked([coding])
    pieces = [body[at : at + piece_bytes] for at in range(0, len(body), piece_bytes)]
    made = b"".join(part for piece in pieces for part in whole.take(piece))
    assert whole.is_whole()
    return made


CODED = {
    "gzip": ("gzip", gzip.compress(BODY)),
    "gzip by its old name": ("x-gzip", gzip.compress(BODY)),
    "gzip in capitals": ("GZIP", gzip.compress(BODY)),
    "gzip behind aws-chunked": ("aws-chunked, gzip", gzip.compress(BODY)),
    "gzip of two files": ("gzip", gzip.compress(BODY[:99]) + gzip.compress(BODY[99:])),
    "gzip with padding behind it": ("gzip", gzip.compress(BODY) + bytes(50)),
    "deflate": ("deflate", zlib.compress(BODY)),
    "deflate without the head of zlib": ("deflate", raw_deflate(BODY)),
    "nothing": ("", BODY),
    "aws-chunked": ("aws-chunked", BODY),
}


@pytest.mark.parametrize("piece_bytes", [1, 7, 1000, 10**6])
@pytest.mark.parametrize("name", CODED)
def test_a_body_is_what_it_was_before(name: str, piece_bytes: int) -> None:
    """Wherever the network cuts it."""
    coding, body = CODED[name]
    assert unpacked(coding, body, piece_bytes) == BODY


@pytest.mark.parametrize("cut", [1, 9, 40])
@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_body_that_ends_in_the_middle_is_not_whole(coding: str, cut: int) -> None:
    """Half a part would be quoted at half its price."""
    body = gzip.compress(BODY) if coding == "gzip" else zlib.compress(BODY)
    whole = Unpacked([coding])
    assert BODY.startswith(b"".join(whole.take(body[:-cut])))
    assert not whole.is_whole()
    assert not Unpacked([coding]).is_whole()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"solid part"),
        ("gzip", gzip.compress(BODY)[:200] + b"noise" * 100),
        ("deflate", b"\xff\xff\xff\xff"),
    ],
)
def test_a_body_that_is_not_coded_so_is_an_error(coding: str, body: bytes) -> None:
    """We do not guess that the header was a mistake."""
    with pytest.raises(CodingError):
        unpacked(coding, body)


def test_a_bomb_ends_at_the_ratio_with_little_memory() -> None:
    """64 MiB of blanks in 65 KB."""
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    tracemalloc.start()
    made: list[int] = []
    with pytest.raises(CodingError, match="200 times"):
        made.extend(map(len, Unpacked(["gzip"]).take(bomb)))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(made) <= MAX_RATIO * len(bomb)
    assert peak_bytes < HARMLESS_BYTES


def test_a_small_body_may_have_any_ratio() -> None:
    """An ASCII STL of equal triangles is no bomb."""
    blanks = b" " * HARMLESS_BYTES
    assert unpacked("gzip", gzip.compress(blanks)) == blanks


@pytest.mark.parametrize("content", [b"", b"a"], ids=["empty", "one byte"])
def test_a_body_of_too_many_gzip_files_is_refused(content: bytes) -> None:
    """5 MB hold 240,000 of them, each with a decoder and a piece of its own."""
    member = gzip.compress(content)
    assert unpacked("gzip", member * MOST_MEMBERS) == content * MOST_MEMBERS
    with pytest.raises(CodingError, match="gzip files"):
        list(Unpacked(["gzip"]).take(member * (MOST_MEMBERS + 1)))

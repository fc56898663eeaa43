from __future__ import annotations

import httpx
import pytest

from pricing_fdm.fetch.source_url import SourceUrl

SECRET = "/bucket/part.stl?X-Amz-Signature=CANARY"


@pytest.mark.parametrize(
    "show",
    [str, repr, format, "{}".format, "{!r}".format, lambda source: f"{[source]} {source}"],
    ids=["str", "repr", "format", "braces", "braces !r", "in a list"],
)
def test_path_and_query_are_never_printed(show: object) -> None:
    """F4: a presigned URL is a password, and values end up in f-strings and log calls."""
    assert callable(show)
    shown = show(SourceUrl("https", "models.example.com", 443, SECRET))
    assert "https://models.example.com" in shown
    assert "CANARY" not in shown
    assert "bucket" not in shown


def test_the_target_is_revealed_byte_for_byte() -> None:
    """The signature covers the exact spelling; nothing may be decoded and encoded again."""
    target = "/a%2fb/%7Ec?x=%2B+&y={}|"
    assert SourceUrl("https", "h.example", 443, target).reveal_target() == target.encode()


@pytest.mark.parametrize(
    ("source", "origin", "header"),
    [
        (SourceUrl("https", "h.example", 443, "/"), "https://h.example", "h.example"),
        (SourceUrl("http", "h.example", 80, "/"), "http://h.example", "h.example"),
        (SourceUrl("https", "h.example", 8443, "/"), "https://h.example:8443", "h.example:8443"),
        (SourceUrl("http", "h.example", 443, "/"), "http://h.example:443", "h.example:443"),
        (SourceUrl("https", "fd00::1", 443, "/"), "https://[fd00::1]", "[fd00::1]"),
        (SourceUrl("https", "fd00::1", 9000, "/"), "https://[fd00::1]:9000", "[fd00::1]:9000"),
    ],
)
def test_host_header_is_what_signers_sign(source: SourceUrl, origin: str, header: str) -> None:
    """SigV4 signs the Host header: a default port in it would break every presigned URL."""
    assert source.origin == origin
    assert httpx.Request("GET", source.origin).headers["Host"] == header

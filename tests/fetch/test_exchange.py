from __future__ import annotations

import ssl

import httpcore
import pytest

from pricing_fdm.errors import DownloadFailed, ModelTooLarge, SourceError
from pricing_fdm.fetch.exchange import judge_head, translated
from pricing_fdm.fetch.source_url import SourceUrl
from pricing_fdm.fetch.verdict import Verdict

SOURCE = SourceUrl("https", "h.example", 443, "/?CANARY")


def response(status: int = 200, *headers: tuple[str, str]) -> httpcore.Response:
    return httpcore.Response(status, headers=list(headers))


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Content-Encoding", "identity")],
        [("Content-Encoding", "IDENTITY")],
        [("Content-Length", "1000"), ("Content-Type", "application/gzip")],
    ],
)
def test_a_plain_answer_within_the_limit_passes(headers: list[tuple[str, str]]) -> None:
    """Content-Type is the origin's opinion; the mesh stage looks at the bytes."""
    judge_head(SOURCE, response(200, *headers), 1000)


@pytest.mark.parametrize("coding", ["gzip", "GZip", "br", "zstd", "deflate", "identity, gzip", ""])
def test_b4_any_coding_is_refused(coding: str) -> None:
    """B4: a decoder is where 65 KB become 67 MB."""
    with pytest.raises(DownloadFailed) as caught:
        judge_head(SOURCE, response(200, ("content-ENCODING", coding)), 1000)
    assert caught.value.verdict == Verdict.ENCODED


def test_b4_a_second_coding_header_counts() -> None:
    """B4: headers may be repeated."""
    headers = [("Content-Encoding", "identity"), ("Content-Encoding", "gzip")]
    with pytest.raises(DownloadFailed):
        judge_head(SOURCE, response(200, *headers), 1000)


def test_b2_a_declared_length_over_the_limit_is_refused() -> None:
    """B2: before a byte of it is read."""
    with pytest.raises(ModelTooLarge) as caught:
        judge_head(SOURCE, response(200, ("Content-Length", "1001")), 1000)
    assert caught.value.verdict == Verdict.TOO_LARGE
    assert caught.value.log_detail == "https://h.example declares 1001 bytes"


@pytest.mark.parametrize(
    ("raised", "verdict"),
    [
        (httpcore.ConnectError("certificate verify failed"), Verdict.TLS),
        (httpcore.ConnectTimeout(), Verdict.CONNECT_TIMEOUT),
        (httpcore.ReadTimeout(), Verdict.STALLED),
        (httpcore.WriteTimeout(), Verdict.STALLED),
        (httpcore.ReadError("CANARY"), Verdict.TRUNCATED),
        (httpcore.WriteError("CANARY"), Verdict.TRUNCATED),
        (httpcore.RemoteProtocolError("CANARY"), Verdict.TRUNCATED),
        (httpcore.LocalProtocolError("CANARY"), Verdict.TRUNCATED),
        (ssl.SSLError(1, "bad record mac"), Verdict.TRUNCATED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_failure_of_the_library_becomes_ours(raised: Exception, verdict: Verdict) -> None:
    """Nothing of httpcore reaches the stages above, least of all text of the origin's."""
    with pytest.raises(SourceError) as caught, translated(SOURCE, Verdict.TRUNCATED):
        raise raised
    assert caught.value.verdict == verdict
    assert "CANARY" not in f"{caught.value} {caught.value.log_detail}"
    assert caught.value.__suppress_context__


def test_our_own_errors_pass_unchanged() -> None:
    """The guard raises inside the library's calls."""
    ours = DownloadFailed("detail")
    with pytest.raises(DownloadFailed) as caught, translated(SOURCE, Verdict.TRUNCATED):
        raise ours
    assert caught.value is ours

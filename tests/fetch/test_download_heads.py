"""What is decided by the head of an answer. respx answers in place of the connection."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
import respx

from pricing_fdm.errors import DownloadFailed, ModelTooLarge
from pricing_fdm.fetch.outcomes import FetchOutcome
from pricing_fdm.fetch.policy import FetchPolicy
from pricing_fdm.model import Download
from tests.fetch.origin import fetching

pytestmark = pytest.mark.anyio

URL = "https://h.example/part.stl?X-Amz-Signature=CANARY"
BODY = b"solid"


async def fetched(path: Path, *headers: tuple[str, str], body: bytes = BODY) -> Download:
    """Fetch a file that comes with these headers, where at most 1000 bytes are taken."""
    answer = httpx.Response(200, headers=list(headers), stream=httpx.ByteStream(body))
    with respx.mock:
        respx.get(URL).mock(return_value=answer)
        return await fetching(FetchPolicy(), max_bytes=1000).fetch(URL, path / "model")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Content-Encoding", "identity")],
        [("Content-Encoding", "IDENTITY")],
        [("Content-Encoding", "")],
        [("Content-Encoding", "aws-chunked")],
        [("Content-Encoding", "aws-chunked,identity")],
        [("Content-Encoding", "utf-8")],
        [("Content-Encoding", "UTF-8"), ("Content-Encoding", "aws-chunked")],
        [("Content-Length", "1000"), ("Content-Type", "application/gzip")],
    ],
)
async def test_a_plain_answer_within_the_limit_passes(
    headers: list[tuple[str, str]], tmp_path: Path
) -> None:
    """Content-Type is the origin's opinion; the mesh stage looks at the bytes."""
    assert (await fetched(tmp_path, *headers)).path.read_bytes() == BODY


@pytest.mark.parametrize(
    "codings",
    [
        *(["br"], ["zstd"], ["compress"], ["identity, br"], ["gzip, deflate"], ["gzip;q=1"]),
        *(["identity", "br"], ["gzip", "deflate"]),
    ],
    ids=" and ".join,
)
async def test_b4_any_other_coding_is_refused(codings: list[str], tmp_path: Path) -> None:
    """B4: what we do not undo is no model. The header may be repeated."""
    with pytest.raises(DownloadFailed) as caught:
        await fetched(tmp_path, *(("content-ENCODING", coding) for coding in codings), body=b"")
    assert caught.value.outcome == FetchOutcome.ENCODED
    assert caught.value.log_detail == ("https://h.example sent another coding than gzip or deflate")


async def test_b2_a_declared_length_over_the_limit_is_refused(tmp_path: Path) -> None:
    """B2: before a byte of it is read."""
    with pytest.raises(ModelTooLarge) as caught:
        await fetched(tmp_path, ("Content-Length", "1001"))
    assert caught.value.outcome == FetchOutcome.TOO_LARGE
    assert caught.value.log_detail == "https://h.example declares 1001 bytes"

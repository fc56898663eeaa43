"""What an origin may answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pricing_fdm.errors import (
    DownloadFailed,
    SourceError,
    SourceFailed,
)
from pricing_fdm.fetch.outcomes import FetchOutcome
from tests.fetch.origin import (
    OK,
    failed_fetch,
    replies,
    serving,
)

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "kind", "outcome"),
    [
        ("400 Bad Request", DownloadFailed, FetchOutcome.ORIGIN_4XX),
        ("403 Forbidden", DownloadFailed, FetchOutcome.ORIGIN_4XX),
        ("404 Not Found", DownloadFailed, FetchOutcome.ORIGIN_4XX),
        ("500 Internal Server Error", SourceFailed, FetchOutcome.ORIGIN_5XX),
        ("503 Service Unavailable", SourceFailed, FetchOutcome.ORIGIN_5XX),
        ("201 Created", SourceFailed, FetchOutcome.ORIGIN_STATUS),
        ("206 Partial Content", SourceFailed, FetchOutcome.ORIGIN_STATUS),
    ],
)
async def test_only_200_is_a_file_and_no_other_body_is_read(
    status: str, kind: type[SourceError], outcome: FetchOutcome, tmp_path: Path
) -> None:
    """The body of an error is declared and never sent: waiting for it would hang."""

    async def head_only(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 999\r\n\r\n".encode())
        await origin.hung_up.wait()

    async with serving(head_only) as origin:
        error = await failed_fetch(origin, tmp_path / "model")
    assert type(error) is kind
    assert error.outcome == outcome
    assert error.detail.startswith(f"Failed to download the model: its host answered {status}.")


async def test_204_is_no_file(tmp_path: Path) -> None:
    """A success without a body is not an empty model."""
    async with serving(replies(b"HTTP/1.1 204 No Content\r\n\r\n")) as origin:
        error = await failed_fetch(origin, tmp_path / "model")
    assert error.outcome == FetchOutcome.ORIGIN_STATUS


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 200", id="half a status line"),
        pytest.param(b"220 smtp.example ready\r\n\r\n", id="another protocol"),
        pytest.param(b"\x16\x03\x01\x02\x00\r\n\r\n", id="TLS"),
        pytest.param(OK + b"X: " + b"x" * 200_000, id="endless header"),
        pytest.param(OK + b"Content-Length: -1\r\n\r\n", id="negative length"),
        pytest.param(OK + b"Content-Length: 9" + b"9" * 5000 + b"\r\n\r\n", id="huge length"),
        pytest.param(OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", id="two lengths"),
        pytest.param(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n", id="transfer coding"),
    ],
)
async def test_what_is_no_http_is_a_bad_response(raw: bytes, tmp_path: Path) -> None:
    """Strictly parsed; a lenient reading of lengths is how responses are smuggled."""
    async with serving(replies(raw)) as origin:
        error = await failed_fetch(origin, tmp_path / "model")
    assert isinstance(error, SourceFailed)
    assert error.outcome == FetchOutcome.BAD_RESPONSE


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(OK + b"Content-Length: 100\r\n\r\nmesh", id="declared"),
        pytest.param(OK + b"Content-Length: 100\r\n\r\n", id="nothing of it"),
        pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n64\r\nmesh", id="in a chunk"),
        pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nmesh\r\n", id="no last chunk"),
        pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nmesh\r\nZ", id="bad chunk"),
    ],
)
async def test_b6_a_short_body_is_truncated(raw: bytes, tmp_path: Path) -> None:
    """B6: half a mesh can be a valid mesh, with half the price."""
    async with serving(replies(raw)) as origin:
        error = await failed_fetch(origin, tmp_path / "model")
    assert isinstance(error, SourceFailed)
    assert error.outcome == FetchOutcome.TRUNCATED


async def test_b6_a_reset_is_truncated(tmp_path: Path) -> None:
    """B6: a connection that is torn down instead of closed."""

    async def reset(writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Length: 100\r\n\r\nmesh")
        await writer.drain()
        writer.transport.abort()

    async with serving(reset) as origin:
        error = await failed_fetch(origin, tmp_path / "model")
    assert error.outcome in {FetchOutcome.TRUNCATED, FetchOutcome.BAD_RESPONSE}

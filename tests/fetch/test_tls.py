"""The door over TLS: certificates are verified for the original name, whatever address is dialled.

See fixtures/README.md for the certificate.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from pricing_fdm.errors import DownloadFailed, SourceError, SourceFailed, SourceTimeout
from pricing_fdm.fetch.client import TrustStore
from pricing_fdm.fetch.outcomes import FetchOutcome
from tests.fetch.origin import FIXTURES, CountingResolver, Origin, answers, fetching, serving

pytestmark = pytest.mark.anyio

HOST = "origin.test"


def server_context(names: list[str | None]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(FIXTURES / "origin.test.pem")
    context.sni_callback = lambda _, name, __: names.append(name)
    return context


def trusting() -> TrustStore:
    return TrustStore(ssl.create_default_context(cafile=FIXTURES / "authority.pem"))


async def failure(
    origin: Origin, path: Path, options: Mapping[str, object], *, host: str = HOST
) -> SourceError:
    resolver = CountingResolver([origin.address])
    fetcher = fetching(origin.policy(host=host), resolver=resolver, **options)
    with pytest.raises(SourceError) as caught:
        await fetcher.fetch(f"https://{host}:{origin.port}/x", path)
    return caught.value


async def test_tls_and_host_keep_the_name_while_the_address_is_dialled(tmp_path: Path) -> None:
    """Pinning the address must not weaken the certificate check, nor break virtual hosts."""
    names: list[str | None] = []
    async with (
        serving(answers(b"mesh"), tls=server_context(names)) as origin,
    ):
        fetcher = fetching(
            origin.policy(host=HOST),
            resolver=CountingResolver([origin.address]),
            trust=trusting(),
        )
        result = await fetcher.fetch(f"https://{HOST}:{origin.port}/x", tmp_path / "model")
    assert result.size_bytes == 4
    assert names == [HOST]
    assert origin.heads[0].splitlines()[1] == f"Host: {HOST}:{origin.port}".encode()


async def test_an_unknown_authority_is_refused_by_default(tmp_path: Path) -> None:
    """Verification is on unless a context says otherwise, and no setting makes one that does."""
    async with serving(answers(), tls=server_context([])) as origin:
        error = await failure(origin, tmp_path / "model", {"trust": TrustStore()})
    assert isinstance(error, DownloadFailed)
    assert error.outcome == FetchOutcome.TLS
    assert "CERTIFICATE_VERIFY_FAILED" in str(error.log_detail)
    assert origin.heads == []


async def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    """A trusted authority is not enough."""
    async with serving(answers(), tls=server_context([])) as origin:
        options = {"trust": trusting()}
        error = await failure(origin, tmp_path / "model", options, host="other.test")
    assert error.outcome == FetchOutcome.TLS
    assert origin.heads == []


async def test_a_plain_http_server_on_the_port_is_refused(tmp_path: Path) -> None:
    """No fallback to plain text."""

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    origin = Origin("127.0.0.1", server.sockets[0].getsockname()[1])
    async with server:
        error = await failure(origin, tmp_path / "model", {"trust": trusting()})
    assert error.outcome == FetchOutcome.TLS


@pytest.mark.parametrize(
    ("options", "outcome"),
    [
        pytest.param({"connect_timeout_s": 0.2}, FetchOutcome.CONNECT_TIMEOUT, id="its own"),
        pytest.param({"total_timeout_s": 0.2}, FetchOutcome.TIMEOUT, id="the total"),
    ],
)
async def test_a_handshake_that_never_ends_is_given_up_and_closed(
    options: dict[str, object], outcome: FetchOutcome, tmp_path: Path
) -> None:
    """Httpcore leaves the socket open when the handshake is cancelled; a tarpit would keep it."""
    hung_up = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read()
        hung_up.set()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    origin = Origin("127.0.0.1", server.sockets[0].getsockname()[1])
    async with server:
        error = await failure(origin, tmp_path / "model", {"trust": trusting(), **options})
        await asyncio.wait_for(hung_up.wait(), 60)
    assert isinstance(error, SourceTimeout)
    assert error.outcome == outcome


async def test_a_tampered_record_breaks_the_download_off(tmp_path: Path) -> None:
    """OpenSSL's own error, which httpcore lets through, is an origin's failure like others."""

    async def tamper(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nmesh")
        await writer.drain()
        os.write(writer.get_extra_info("socket").fileno(), b"no TLS record at all")
        await origin.hung_up.wait()

    async with serving(tamper, tls=server_context([])) as origin:
        error = await failure(origin, tmp_path / "model", {"trust": trusting()})
    assert isinstance(error, SourceFailed)
    assert error.outcome in {FetchOutcome.TRUNCATED, FetchOutcome.BAD_RESPONSE}

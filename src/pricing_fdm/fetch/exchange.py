"""One request and the head of its answer, over a connection of its own.

httpcore is used without httpx on purpose. All that httpx adds would have to be switched off here
(redirects, proxies, cookies, decoding), it parses the URL a second time, it logs the whole URL at
INFO, and it offers no public way to a network backend: setting `transport._pool` would fail open
the day that name changes. A connection serves one download and is closed: no state of one
caller's origin is left for the next.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore

from pricing_fdm.fetch.failures import bad_status, broken, encoded, no_tls, too_large, too_slow
from pricing_fdm.fetch.network import GuardedBackend
from pricing_fdm.fetch.source_url import SourceUrl
from pricing_fdm.fetch.stream import PiecewiseStream
from pricing_fdm.fetch.verdict import Verdict

_OK = 200
_TURN_S = 0.005


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: our own bytes and headers, nothing of a caller's."""

    content: bytes
    headers: Mapping[str, str]


async def request(
    source: SourceUrl,
    *,
    backend: GuardedBackend,
    ssl_context: ssl.SSLContext,
    connect_timeout_s: float,
    read_timeout_s: float,
    message: Message | None = None,
) -> httpcore.Response:
    """Ask for the file, or post the message; the answer's body has not been read on return.

    Closing what `backend` opened ends the connection.

    Raises:
        SourceError: As the backend does, or if the origin speaks no TLS or no HTTP.
    """
    url = httpcore.URL(
        scheme=source.scheme.encode("ascii"),
        host=source.host.encode("ascii"),
        port=source.port,
        target=source.reveal_target(),
    )
    connection = httpcore.AsyncHTTPConnection(
        origin=url.origin, ssl_context=ssl_context, network_backend=backend
    )
    headers = [
        ("Host", source.host_header),
        ("User-Agent", "pricing-fdm"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "identity"),
        ("Connection", "close"),
    ]
    method, content = "GET", b""
    if message is not None:
        method, content = "POST", message.content
        headers += [*message.headers.items(), ("Content-Length", str(len(content)))]
    timeouts = {"connect": connect_timeout_s, "read": read_timeout_s, "write": read_timeout_s}
    with translated(source, Verdict.BAD_RESPONSE):
        response = await connection.handle_async_request(
            httpcore.Request(
                method, url, headers=headers, content=content, extensions={"timeout": timeouts}
            )
        )
    stream: PiecewiseStream = response.extensions["network_stream"]
    stream.head_is_read()
    return response


async def pieces(response: httpcore.Response) -> AsyncIterator[bytes]:
    """Yield the body as it comes off the wire, undecoded, without holding the event loop.

    64 KiB of one-byte chunks are 10,000 pieces and 0.6 s of parsing (measured, 2 cores).
    """
    loop = asyncio.get_running_loop()
    turn_ends = loop.time() + _TURN_S
    async for piece in response.aiter_stream():
        if loop.time() > turn_ends:
            await asyncio.sleep(0)
            turn_ends = loop.time() + _TURN_S
        yield piece


def judge_head(source: SourceUrl, response: httpcore.Response, max_bytes: int) -> None:
    """Refuse what need not be read: another status than 200, a coded body, one declared too long.

    Raises:
        SourceError: For the status or the coding.
        ModelTooLarge: For the declared length.
    """
    if response.status != _OK:
        raise bad_status(response.status, f"{source} answered {response.status}")
    if any(coding.lower() != b"identity" for coding in _values(response, b"content-encoding")):
        raise encoded(f"{source} sent a Content-Encoding")
    for declared in _values(response, b"content-length"):
        if int(declared) > max_bytes:
            raise too_large(max_bytes, f"{source} declares {int(declared)} bytes")


@contextmanager
def translated(source: SourceUrl, broken_off: Verdict) -> Iterator[None]:
    """Turn what httpcore raises into our errors.

    The cause is cut off: h11 quotes the bytes it did not understand, and an origin can put our
    own request, signature included, into them.
    """
    try:
        yield
    except httpcore.ConnectError as error:
        # Dialling is ours and raises our errors, so only TLS is left; the text is OpenSSL's.
        raise no_tls(f"{source}: {error}") from None
    except httpcore.ConnectTimeout:
        raise too_slow(Verdict.CONNECT_TIMEOUT, f"{source}: no TLS in time") from None
    except httpcore.TimeoutException:
        raise too_slow(Verdict.STALLED, f"{source} fell silent") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
        raise broken(broken_off, f"{source}: {type(error).__name__}") from None


def _values(response: httpcore.Response, name: bytes) -> list[bytes]:
    return [value for key, value in response.headers if key.lower() == name]

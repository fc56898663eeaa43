"""An httpx transport: one request over one guarded connection, which is closed afterwards.

httpx offers no public way to a network backend (setting `transport._pool` would open the guard the
day that name changes), so the transport is ours, around httpcore's public connection. A connection
serves one exchange: nothing of one caller's origin is left for the next.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore
import httpx

from pricing_fdm.fetch.network import GuardedBackend
from pricing_fdm.fetch.outcomes import FetchOutcome, failure
from pricing_fdm.fetch.pace import SmallPieces

# httpx would parse a Location even when it follows none, and store cookies.
_HEADERS_PASSED_ON = frozenset({b"content-encoding", b"content-length"})
_TURN_S = 0.005


@dataclass(eq=False)
class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends one request through the guard; raises our errors, not httpx's."""

    backend: GuardedBackend
    ssl_context: ssl.SSLContext

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and read the head of the answer.

        The extension `target` replaces path and query byte for byte.

        Raises:
            SourceError: As the backend does, or if the origin speaks no TLS or no HTTP.
        """
        to = request.url
        url = httpcore.URL(scheme=to.raw_scheme, host=to.raw_host, port=to.port, target=to.raw_path)
        connection = httpcore.AsyncHTTPConnection(
            origin=url.origin, ssl_context=self.ssl_context, network_backend=self.backend
        )
        host = f"{to.scheme}://{to.host}"
        with translated(host, FetchOutcome.BAD_RESPONSE):
            response = await connection.handle_async_request(
                httpcore.Request(
                    request.method,
                    url,
                    headers=request.headers.raw,
                    content=await request.aread(),
                    extensions=request.extensions,
                )
            )
        self.backend.head_is_read()
        headers = [pair for pair in response.headers if pair[0].lower() in _HEADERS_PASSED_ON]
        return httpx.Response(response.status, headers=headers, content=_pieces(host, response))

    async def aclose(self) -> None:
        """Close the connection."""
        await self.backend.aclose()


async def _pieces(host: str, response: httpcore.Response) -> AsyncIterator[bytes]:
    """Yield the body as it comes off the wire, without holding the event loop.

    64 KiB of one-byte chunks are 10,000 pieces and 0.6 s of parsing (measured, 2 cores).
    """
    loop = asyncio.get_running_loop()
    small_pieces = SmallPieces()
    turn_ends = loop.time() + _TURN_S
    with translated(host, FetchOutcome.TRUNCATED):
        async for piece in response.aiter_stream():
            if small_pieces.are_too_many(len(piece)):
                raise failure(FetchOutcome.TOO_SLOW, f"{host} sent too many small pieces")
            if loop.time() > turn_ends:
                await asyncio.sleep(0)
                turn_ends = loop.time() + _TURN_S
            yield piece


@contextmanager
def translated(host: str, broken_off: FetchOutcome) -> Iterator[None]:
    """Turn what httpcore raises into our errors.

    The cause is cut off: h11 quotes the bytes it did not understand, and an origin can put our
    own request, signature included, into them.
    """
    try:
        yield
    except httpcore.ConnectError as error:
        # Dialling is ours and raises our errors, so only TLS is left; the text is OpenSSL's.
        raise failure(FetchOutcome.TLS, f"{host}: {error}") from None
    except httpcore.ConnectTimeout:
        raise failure(FetchOutcome.CONNECT_TIMEOUT, f"{host}: no TLS in time") from None
    except httpcore.TimeoutException:
        raise failure(FetchOutcome.STALLED, f"{host} fell silent") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
        raise failure(broken_off, f"{host}: {type(error).__name__}") from None

"""A connection that is read in small pieces until the head of the answer is complete.

httpcore reads 64 KiB at a time and parses them without a pause. When they are full of
`100 Continue`, the event loop stands still for 0.3 s; with pieces of 4 KiB for 0.02 s (measured, 2
cores). Of those, 5 MB took 3 s of CPU, so what may come before the body is bounded, too. The body
is read at full speed; there the transport makes the pauses.
"""

from __future__ import annotations

import asyncio
import ssl

import httpcore

HEAD_PIECE_BYTES = 4 * 1024
BODY_PIECE_BYTES = 64 * 1024
MOST_HEAD_BYTES = 256 * 1024
"""Of all heads of one answer together; httpcore itself bounds each."""


class PiecewiseStream(httpcore.AsyncNetworkStream):
    """Wraps a connection; every read is bounded and lets other tasks run first."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._piece_bytes = HEAD_PIECE_BYTES
        self._head_bytes = 0

    def head_is_read(self) -> None:
        """Read at full speed from now on."""
        self._piece_bytes = BODY_PIECE_BYTES

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's interface
        """Read one piece at most.

        Raises:
            httpcore.RemoteProtocolError: The head does not end.
        """
        await asyncio.sleep(0)
        piece = await self._stream.read(min(max_bytes, self._piece_bytes), timeout)
        if self._piece_bytes == HEAD_PIECE_BYTES:
            self._head_bytes += len(piece)
            if self._head_bytes > MOST_HEAD_BYTES:
                raise httpcore.RemoteProtocolError("too much before the body")
        return piece

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's interface
        """Write all of `buffer`."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the connection at once."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
    ) -> PiecewiseStream:
        """Go on with TLS."""
        self._stream = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        return self

"""Shares the time of the event loop among connections that send much data to parse.

A packet of 256 KiB can hold 40,000 chunks of one byte, which take a second to parse. A connection
parses for a millisecond, then others do; after five milliseconds the loop does its other work. A
body in too many small chunks is refused: one with a file may come line by line, any other is short.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping

import h11

from pricing_fdm.fetch.pace import SmallPieces

_SHARE_S = 0.001
_TURN_S = 0.005
MOST_WITHOUT_FILE = 2_000
"""Small pieces of a body that holds no file: 64 KiB of JSON at most."""
_ABSOLUTE = re.compile(rb"https?://[^/?]*", re.IGNORECASE)


class Turns:
    """The connections of one listener that have more to parse, each called in its turn."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._scheduled = False

    def join(self, resume: Callable[[], None]) -> None:
        """Calls `resume` once, in a later turn of the loop."""
        self._waiting.append(resume)
        self._schedule()

    def _schedule(self) -> None:
        if self._waiting and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._take_turn)

    def _take_turn(self) -> None:
        self._scheduled = False
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + _TURN_S
        in_turn, self._waiting = self._waiting, deque()
        while in_turn and loop.time() < ends_s:
            in_turn.popleft()()
        # Who has had a share and needs another stands behind those who have had none.
        self._waiting.extendleft(reversed(in_turn))
        self._schedule()


class SharingConnection(h11.Connection):
    """A connection whose parser stops when its share of the loop's time is used up.

    Args:
        largest_head_bytes: More is no HTTP.
        interrupted: Called when there was more to parse.
    """

    def __init__(self, largest_head_bytes: int, interrupted: Callable[[], None]) -> None:
        super().__init__(h11.SERVER, largest_head_bytes)
        self._time = asyncio.get_running_loop().time
        self._interrupted = interrupted
        self._share_ends_s = 0.0
        self._must_go_on = False
        self._small_pieces = SmallPieces()

    def begin_share(self) -> None:
        """Allows a millisecond of parsing from now on, and one event in any case."""
        self._share_ends_s = self._time() + _SHARE_S
        self._must_go_on = True

    def next_event(self) -> type[h11.NEED_DATA | h11.PAUSED] | h11.Event:
        """The next event; `NEED_DATA`, after a call of `interrupted`, at the end of the share.

        Raises:
            h11.RemoteProtocolError: Not HTTP; also a body in too many small chunks, or with two
                lengths (RFC 9112, 6.3), about which a proxy in front may think otherwise and
                smuggle a request in.
        """
        if self._time() > self._share_ends_s and not self._must_go_on:
            self._interrupted()
            return h11.NEED_DATA
        event = super().next_event()
        # Only the event after a head tells whether the request has a body that is still to come.
        self._must_go_on = isinstance(event, h11.Request)
        if isinstance(event, h11.Data) and self._small_pieces.are_too_many(len(event.data)):
            raise h11.RemoteProtocolError("The body comes in too many small pieces.")
        if isinstance(event, h11.Request):
            headers = dict(event.headers)
            self._small_pieces = _small_pieces_of(headers)
            names = headers.keys()
            if names >= {b"content-length", b"transfer-encoding"}:
                raise h11.RemoteProtocolError("Content-Length and Transfer-Encoding in one request")
            return _in_origin_form(event)
        return event


def _small_pieces_of(headers: Mapping[bytes, bytes]) -> SmallPieces:
    """Counts those of the body that follows these headers."""
    if headers.get(b"content-type", b"").lower().startswith(b"multipart/"):
        return SmallPieces()
    return SmallPieces(MOST_WITHOUT_FILE)


def _in_origin_form(request: h11.Request) -> h11.Request:
    """The request with a path as its target, where it names a whole URL (RFC 9112, 3.2.2)."""
    absolute = _ABSOLUTE.match(request.target)
    if absolute is None:
        return request
    return h11.Request(
        method=request.method,
        headers=list(request.headers),
        target=b"/" + request.target[absolute.end() :].removeprefix(b"/"),
        http_version=request.http_version,
    )

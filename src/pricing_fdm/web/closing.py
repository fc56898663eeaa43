"""Ends a connection by its deadline, without losing the last answer.

A socket that is closed while bytes of the caller are unread makes the kernel reset the connection,
and the caller may lose the answer. So after an answer to a request that was not read whole, the
writing side is closed first, and what still comes is thrown away for a bounded time. What the
caller does not take of an answer is thrown away at a deadline, too: a transport alone waits for
ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LINGER_S = 2.0
LINGER_BYTES = 16 * 1024 * 1024
WRITE_TIMEOUT_S = 30.0


class ClosingTransport(asyncio.Transport):
    """A socket's transport with bounded ends; reading stops while anybody wants it to.

    Args:
        transport: The socket's.
        is_unread: Whether more of a request may come.
    """

    def __init__(self, transport: asyncio.Transport, is_unread: Callable[[], bool]) -> None:
        super().__init__()
        self._transport = transport
        self._is_unread = is_unread
        self._loop = asyncio.get_running_loop()
        self._deadline: asyncio.TimerHandle | None = None
        self._paused = self._held = False
        self._left_bytes = 0

    @property
    def lingering(self) -> bool:
        """Whether the last answer was written, and only its end is waited for."""
        return self._left_bytes > 0

    def linger(self) -> None:
        """Closes after the caller, but soon; what comes until then goes to `discard`."""
        if self.is_closing():
            return
        self._left_bytes = LINGER_BYTES
        self._transport.write_eof()
        self._transport.resume_reading()
        self._set_deadline(LINGER_S, self.end)

    def discard(self, data: bytes) -> None:
        """Throws away what a caller sends after the answer."""
        self._left_bytes -= len(data)
        if self._left_bytes <= 0:
            self.end()

    def close(self) -> None:
        """Closes when what was written has been sent; lingers if more of a request may come."""
        if self._is_unread():
            self.linger()
        else:
            self.end()

    def end(self) -> None:
        """Closes when what was written has been sent."""
        if not self._transport.is_closing():
            self._transport.close()
            self._set_deadline(WRITE_TIMEOUT_S, self.abort)

    def lost(self) -> None:
        """The connection is gone."""
        if self._deadline is not None:
            self._deadline.cancel()

    def expect_writing(self) -> None:
        """The caller must take what was written in time, or the connection ends."""
        if not self.is_closing():
            self._set_deadline(WRITE_TIMEOUT_S, self.abort)

    def note_written(self) -> None:
        """The caller has taken it."""
        if not self.is_closing():
            self.lost()

    def is_closing(self) -> bool:
        """Whether nothing more can be written."""
        return self.lingering or self._transport.is_closing()

    def abort(self) -> None:
        """Closes at once."""
        self._transport.abort()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Sends."""
        self._transport.write(data)

    def get_extra_info(self, name: str, default: object = None) -> object:
        """What the socket's transport knows."""
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Stops reading, for whoever takes the body."""
        self._paused = True
        self._set_reading()

    def resume_reading(self) -> None:
        """Reads on, unless the parser is behind."""
        self._paused = False
        self._set_reading()

    def hold_reading(self, *, held: bool) -> None:
        """Stops reading or reads on, for the parser."""
        self._held = held
        self._set_reading()

    def _set_reading(self) -> None:
        if self.is_closing():
            return
        if self._paused or self._held:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _set_deadline(self, seconds: float, act: Callable[[], None]) -> None:
        self.lost()
        self._deadline = self._loop.call_later(seconds, act)

"""TLS trust store: the system's authorities and certifi's, loaded in the background.

Reading them takes 0.1 s and is done in a thread, once. A reading that failed is not kept: whoever
asks next reads again.
"""

from __future__ import annotations

import asyncio
import ssl
from concurrent.futures import Future, ThreadPoolExecutor

import httpcore


class Trust:
    """A TLS context that verifies.

    Args:
        given: Used as it is, instead of what would be read.
    """

    def __init__(self, given: ssl.SSLContext | None = None) -> None:
        self._given = given
        self._reading: Future[ssl.SSLContext] | None = None

    async def context(self) -> ssl.SSLContext:
        """The context, as soon as it is read."""
        if self._given is not None:
            return self._given
        if self._reading is None or _has_failed(self._reading):
            thread = ThreadPoolExecutor(1, thread_name_prefix="fetch-trust")
            self._reading = thread.submit(httpcore.default_ssl_context)
            thread.shutdown(wait=False)  # it ends when that is done
        # A caller who leaves must not take it from the others.
        return await asyncio.shield(asyncio.wrap_future(self._reading))


def _has_failed(reading: Future[ssl.SSLContext]) -> bool:
    return reading.done() and reading.exception() is not None

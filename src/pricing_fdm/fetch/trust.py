"""Whom to believe who an origin is: authorities, read while the service starts.

Reading the system's and certifi's takes 0.1 s. It is done in a thread, for which neither the start
nor, ever after the first tenth of a second, a download waits.
"""

from __future__ import annotations

import asyncio
import ssl
from concurrent.futures import Future, ThreadPoolExecutor

import httpcore


class Trust:
    """A TLS context that verifies.

    Args:
        given: Used as it is; the system's authorities and certifi's if None.
    """

    def __init__(self, given: ssl.SSLContext | None) -> None:
        self._context: Future[ssl.SSLContext] = Future()
        if given is not None:
            self._context.set_result(given)
            return
        thread = ThreadPoolExecutor(1, thread_name_prefix="fetch-trust")
        self._context = thread.submit(httpcore.default_ssl_context)
        thread.shutdown(wait=False)  # it ends when that is done

    async def context(self) -> ssl.SSLContext:
        """The context, as soon as it is read."""
        # Who leaves must not take it from the others.
        return await asyncio.shield(asyncio.wrap_future(self._context))

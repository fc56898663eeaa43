"""The HTTP client that `Fetcher` and `Poster` share: httpx over our guarded transport.

Off are redirects, proxies of the environment, cookies and decoding. httpx gets only the origin of a
URL. Path and query travel as the extension `target`, byte for byte, so that no log and no exception
of the library can hold the signature of a presigned URL.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import KW_ONLY, dataclass, field

import httpcore
import httpx

from pricing_fdm.fetch.network import GuardedBackend, Resolver, SystemResolver
from pricing_fdm.fetch.outcomes import FetchOutcome, failure
from pricing_fdm.fetch.policy import FetchPolicy
from pricing_fdm.fetch.source_url import admit
from pricing_fdm.fetch.transport import GuardedTransport

_HEADERS = {
    "User-Agent": "pricing-fdm",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


class TrustStore:
    """The authorities that origins are verified with: the system's and certifi's.

    Reading them takes 0.1 s and is done in a thread, once. A reading that failed is not kept.

    Args:
        given: Used as it is, instead of what would be read.
    """

    def __init__(self, given: ssl.SSLContext | None = None) -> None:
        self._context = given
        self._reading = asyncio.Lock()

    async def context(self) -> ssl.SSLContext:
        """A TLS context that verifies, as soon as it is read."""
        async with self._reading:
            if self._context is None:
                self._context = await asyncio.to_thread(httpcore.default_ssl_context)
            return self._context


@dataclass(eq=False)
class GuardedClient:
    """Sends requests to where the policy allows; build one, use it from any task.

    Attributes:
        total_timeout_s: For a whole exchange, name resolution and body included.
        connect_timeout_s: For reaching one of a host's addresses, and again for TLS.
        read_timeout_s: Longest silence of the origin.
        resolver: Turns names into addresses.
        trust: Verifies origins.
    """

    policy: FetchPolicy
    _: KW_ONLY
    total_timeout_s: float
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 10.0
    resolver: Resolver = field(default_factory=SystemResolver)
    trust: TrustStore = field(default_factory=TrustStore)

    def __post_init__(self) -> None:
        """Keep the libraries from logging what they send and receive.

        httpx logs every request at INFO, httpcore the origin's headers at DEBUG, where a Location
        can hold our own query. Done here, so that no wiring can forget it.
        """
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)

    async def read_trust(self) -> None:
        """Reads the authorities now, so that the first exchange need not wait for them."""
        await self.trust.context()

    @asynccontextmanager
    async def exchange(
        self, method: str, url: str, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """Send a request; gives the answer, of which only the head has been read.

        Raises:
            SourceError: Policy forbids the URL, or there is no answer in time.
        """
        source = admit(url, self.policy)
        # A client and a connection for each exchange: no state of one origin is left for another.
        backend = GuardedBackend(self.policy, self.resolver, self.connect_timeout_s)
        try:
            async with (
                asyncio.timeout(self.total_timeout_s),
                httpx.AsyncClient(
                    transport=GuardedTransport(backend, await self.trust.context()),
                    trust_env=False,
                    follow_redirects=False,
                    timeout=httpx.Timeout(self.read_timeout_s, connect=self.connect_timeout_s),
                    headers=_HEADERS,
                ) as client,
                client.stream(
                    method,
                    source.origin,
                    content=content,
                    headers=headers,
                    extensions={"target": source.reveal_target()},
                ) as response,
            ):
                yield response
        except TimeoutError:
            log_detail = f"{source} took more than {self.total_timeout_s:g} s"
            raise failure(FetchOutcome.TIMEOUT, log_detail) from None

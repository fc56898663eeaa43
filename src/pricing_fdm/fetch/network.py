"""Connects, and judges the address in the very step that dials it.

A name server can answer twice, first with a public address and then with a private one, so a check
before the connection is worth nothing (GHSA-2pmr-289p-44r3). Here each name is resolved once, every
answer is judged, and the connection goes to an address of that list. The TLS name and the Host
header keep the original name: they belong to the layers above, which reach the network through
this object only.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpcore

from pricing_fdm.fetch.addresses import classify, may_dial
from pricing_fdm.fetch.outcomes import FetchOutcome, failure
from pricing_fdm.fetch.policy import FetchPolicy, opens
from pricing_fdm.fetch.stream import PiecewiseStream

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to numeric addresses, best first; raises OSError if there are none."""

RESOLVE_TIMEOUT_S = 5.0
MAX_ADDRESSES = 16
"""How many addresses of a name are tried; all of them are judged."""
_FAIR_SHARE_S = 2.0
_RESOLVER_THREADS = 64


@dataclass(eq=False)
class GuardedBackend(httpcore.AsyncNetworkBackend):
    """A network backend that dials only what the policy allows.

    Attributes:
        connect_timeout_s: For all addresses of a name together.
        dialer: Opens the sockets.
    """

    policy: FetchPolicy
    resolver: Resolver
    connect_timeout_s: float
    dialer: httpcore.AsyncNetworkBackend = field(default_factory=httpcore.AnyIOBackend)
    _opened: list[PiecewiseStream] = field(default_factory=list, init=False)

    async def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> PiecewiseStream:
        """Resolve, judge, dial.

        Raises:
            SourceRefused: If any address of the name is forbidden.
            DownloadFailed: If there is no address, or none of them answers.
            SourceTimeout: If either takes too long.
        """
        addresses = await self._resolve(host, port)
        for address in addresses:
            outcome = may_dial(address, self.policy.allowed_cidrs)
            if outcome is not FetchOutcome.OK:
                remedy = opens(address)
                advice = f"{remedy} would allow it" if remedy else "no setting can allow it"
                raise failure(outcome, f"{host} resolves to {address}; {advice}")
        return await self._dial(host, port, addresses[:MAX_ADDRESSES])

    def head_is_read(self) -> None:
        """Read the body at full speed."""
        for stream in self._opened:
            stream.head_is_read()

    async def aclose(self) -> None:
        """Close what was opened, whatever state it is in.

        httpcore does not close the socket of a TLS handshake that is cancelled; the event loop
        would then hold it until the other side lets go.
        """
        for stream in self._opened:
            await stream.aclose()

    async def _resolve(self, host: str, port: int) -> Sequence[str]:
        if classify(host) is not FetchOutcome.ADDRESS_ODD:
            return [host]
        try:
            async with asyncio.timeout(RESOLVE_TIMEOUT_S):
                answers = await self.resolver(host, port)
        except TimeoutError:
            log_detail = f"{host} not resolved in {RESOLVE_TIMEOUT_S:g} s"
            raise failure(FetchOutcome.RESOLVER_TIMEOUT, log_detail) from None
        except OSError as error:
            raise failure(FetchOutcome.UNRESOLVABLE, f"{host}: {error}") from error
        if not answers:
            raise failure(FetchOutcome.UNRESOLVABLE, f"{host} has no address")
        return list(dict.fromkeys(answers))

    async def _dial(self, host: str, port: int, addresses: Sequence[str]) -> PiecewiseStream:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.connect_timeout_s
        outcome = FetchOutcome.UNREACHABLE
        for index, address in enumerate(addresses):
            share_s = _share(deadline - loop.time(), len(addresses) - index)
            try:
                return self._owned(await self.dialer.connect_tcp(address, port, share_s))
            except httpcore.ConnectTimeout:
                outcome = FetchOutcome.CONNECT_TIMEOUT
            except httpcore.ConnectError:
                continue
        raise failure(outcome, f"{host} port {port}: no connection to {', '.join(addresses)}")

    def _owned(self, stream: httpcore.AsyncNetworkStream) -> PiecewiseStream:
        self._opened.append(PiecewiseStream(stream))
        return self._opened[-1]


def _share(left_s: float, addresses_left: int) -> float:
    """One address's share of the time left, as Go's dialer deals it out.

    Equal shares, but not below two seconds: a few real attempts are worth more than many that
    cannot succeed. Zero once the time is up.
    """
    return max(0.0, left_s / addresses_left, min(left_s, _FAIR_SHARE_S))


class SystemResolver:
    """The `Resolver` of the operating system, on threads of its own, which end with it.

    A lookup cannot be cancelled: it occupies its thread until the C library gives up, which takes
    10 s for each name server by default. In the event loop's shared pool, a caller with a slow DNS
    server could stop everything else that runs there. Here only other lookups could, and there are
    twice as many threads as requests with a slow lookup can be inside: each is refused after
    `RESOLVE_TIMEOUT_S`, so that 32 of them occupy 64. A thread that never ran costs nothing.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="fetch-dns")

    async def __call__(self, host: str, port: int) -> list[str]:
        """Look a name up.

        Raises:
            OSError: If it does not resolve.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _addresses, host, port)


def _addresses(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(sockaddr[0]) for *_, sockaddr in answers]

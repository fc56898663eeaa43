"""Connects, and judges the address in the very step that dials it.

A check before the connection is worth nothing against a name server that answers twice
(GHSA-2pmr-289p-44r3). So each name is resolved once, every answer is judged, and the connection
goes to an address of that list. The TLS name and the Host header keep the original name: they
belong to the layers above, which reach the network through this object only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpcore

from pricing_fdm.fetch.addresses import classify, may_dial
from pricing_fdm.fetch.failures import refused, too_slow, unreachable
from pricing_fdm.fetch.policy import FetchPolicy
from pricing_fdm.fetch.resolver import Resolver
from pricing_fdm.fetch.stream import PiecewiseStream
from pricing_fdm.fetch.verdict import Verdict

RESOLVE_TIMEOUT_S = 5.0
MAX_ADDRESSES = 16
"""How many addresses of a name are tried; all of them are judged."""
_FAIR_SHARE_S = 2.0


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
        self._judge(host, addresses)
        candidates = addresses[:MAX_ADDRESSES]
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.connect_timeout_s
        timed_out = False
        for index, address in enumerate(candidates):
            share_s = _share(deadline - loop.time(), len(candidates) - index)
            try:
                opened = PiecewiseStream(await self.dialer.connect_tcp(address, port, share_s))
            except httpcore.ConnectTimeout:
                timed_out = True
            except httpcore.ConnectError:
                continue
            else:
                self._opened.append(opened)
                return opened
        tried = f"{host} port {port}: no connection to {', '.join(candidates)}"
        if timed_out:
            raise too_slow(Verdict.CONNECT_TIMEOUT, f"{tried} within {self.connect_timeout_s:g} s")
        raise unreachable(Verdict.UNREACHABLE, tried)

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
        if classify(host) is not Verdict.ADDRESS_ODD:
            return [host]
        try:
            async with asyncio.timeout(RESOLVE_TIMEOUT_S):
                answers = await self.resolver(host, port)
        except TimeoutError:
            raise too_slow(
                Verdict.RESOLVER_TIMEOUT, f"{host} not resolved in {RESOLVE_TIMEOUT_S:g} s"
            ) from None
        except OSError as error:
            raise unreachable(Verdict.UNRESOLVABLE, f"{host}: {error}") from error
        addresses = list(dict.fromkeys(answers))
        if not addresses:
            raise unreachable(Verdict.UNRESOLVABLE, f"{host} has no address")
        return addresses

    def _judge(self, host: str, addresses: Sequence[str]) -> None:
        for address in addresses:
            verdict = may_dial(address, self.policy.allowed_cidrs)
            if verdict is not Verdict.OK:
                raise refused(verdict, f"{host} resolves to {address}")


def _share(left_s: float, addresses_left: int) -> float:
    """One address's share of the time left, as Go's dialer deals it out.

    Equal shares, but not below two seconds: a few real attempts are worth more than many that
    cannot succeed. Zero once the time is up.
    """
    return max(0.0, left_s / addresses_left, min(left_s, _FAIR_SHARE_S))

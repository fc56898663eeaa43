"""Posts a message of ours to a caller's URL, through the same guard as every download.

The URL is as foreign as that of a model: it may point inwards, at a metadata service, at nothing
(CVE-2026-40280: a webhook without the guard of the downloads). So the same policy judges it, the
same backend dials, redirects are no success, and of the answer only the status is read.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import aclosing

from pricing_fdm.fetch.download import quiet_loggers
from pricing_fdm.fetch.exchange import Message, request
from pricing_fdm.fetch.failures import too_slow
from pricing_fdm.fetch.guard import admit
from pricing_fdm.fetch.network import GuardedBackend
from pricing_fdm.fetch.policy import FetchPolicy
from pricing_fdm.fetch.resolver import Resolver, SystemResolver
from pricing_fdm.fetch.trust import Trust
from pricing_fdm.fetch.verdict import Verdict


class Poster:
    """Posts to where the policy allows; build one, use it from any task.

    Args:
        total_timeout_s: For a whole exchange, name resolution included.
        connect_timeout_s: For reaching one of a host's addresses, and again for TLS.
        resolver: Turns names into addresses; the operating system's if None.
        ssl_context: Verifies receivers; the system's authorities and certifi's if None.
    """

    def __init__(
        self,
        policy: FetchPolicy,
        *,
        total_timeout_s: float = 10.0,
        connect_timeout_s: float = 5.0,
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        quiet_loggers()
        self._policy = policy
        self._total_timeout_s = total_timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._system_resolver = SystemResolver()
        self._resolver = resolver or self._system_resolver
        self._trust = Trust(ssl_context)

    def require_allowed(self, url: str) -> None:
        """Judges the text of a URL long before anything is posted there.

        Raises:
            SourceRefused: The policy forbids it.
        """
        admit(url, self._policy)

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> int:
        """Posts once and returns the status of the answer, whatever it is.

        Raises:
            SourceError: The policy forbids it, or there is no answer. The sentences speak of
                downloads; `verdict` and `log_detail` say what happened.
        """
        receiver = admit(url, self._policy)
        backend = GuardedBackend(
            self._policy, self._resolver, connect_timeout_s=self._connect_timeout_s
        )
        try:
            async with asyncio.timeout(self._total_timeout_s), aclosing(backend):
                response = await request(
                    receiver,
                    backend=backend,
                    ssl_context=await self._trust.context(),
                    connect_timeout_s=self._connect_timeout_s,
                    read_timeout_s=self._total_timeout_s,
                    message=Message(content, headers),
                )
        except TimeoutError:
            raise too_slow(
                Verdict.TIMEOUT, f"{receiver} took more than {self._total_timeout_s:g} s"
            ) from None
        return response.status

    async def read_trust(self) -> None:
        """Reads the authorities now, so that the first exchange need not wait for them."""
        await self._trust.context()

    async def aclose(self) -> None:
        """Let go of the resolver's threads."""
        self._system_resolver.close()

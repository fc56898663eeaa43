"""Downloads a model: judged, bounded, timed, and either complete or not there at all.

Bytes are counted as they come off the wire, without any decoding: 65 KB of gzip can become 67 MB
in one piece before a counter behind a decoder runs. Besides httpcore's timeouts, which a drip of
one byte a second never trips, there are a total deadline and a minimum speed.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import logging
import ssl
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import BinaryIO

import httpcore

from pricing_fdm.fetch.exchange import judge_head, pieces, request, translated
from pricing_fdm.fetch.failures import disk_full, too_large, too_slow
from pricing_fdm.fetch.guard import admit
from pricing_fdm.fetch.network import GuardedBackend
from pricing_fdm.fetch.pace import Pace
from pricing_fdm.fetch.policy import FetchPolicy
from pricing_fdm.fetch.resolver import Resolver, SystemResolver
from pricing_fdm.fetch.source_url import SourceUrl
from pricing_fdm.fetch.trust import Trust
from pricing_fdm.fetch.verdict import Verdict
from pricing_fdm.model import Download

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Fetcher:
    """Fetches models from where the policy allows; build one, use it from any task.

    Args:
        max_bytes: Largest file taken.
        total_timeout_s: For a whole download, name resolution included.
        connect_timeout_s: For reaching one of a host's addresses, and again for TLS.
        read_timeout_s: Longest silence of the origin.
        min_bytes_per_s: Average that each `speed_window_s` of the body must reach.
        resolver: Turns names into addresses; the operating system's if None.
        ssl_context: Verifies origins; the system's authorities and certifi's if None.
    """

    def __init__(
        self,
        policy: FetchPolicy,
        *,
        max_bytes: int,
        total_timeout_s: float,
        connect_timeout_s: float = 5.0,
        read_timeout_s: float = 10.0,
        min_bytes_per_s: float = 32 * 1024,
        speed_window_s: float = 10.0,
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        quiet_loggers()
        self._policy = policy
        self._max_bytes = max_bytes
        self._total_timeout_s = total_timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        self._min_bytes_per_s = min_bytes_per_s
        self._speed_window_s = speed_window_s
        self._system_resolver = SystemResolver()
        self._resolver = resolver or self._system_resolver
        self._trust = Trust(ssl_context)

    async def fetch(self, url: str, destination: Path) -> Download:
        """Download `url` into `destination`, which must not exist yet.

        A download that fails or is cancelled leaves no file behind. An empty file is a result.

        Args:
            url: As the caller gave it.
            destination: In a folder of ours.

        Raises:
            SourceError: If policy forbids it, or the origin does not deliver. `verdict` says why.
            ModelTooLarge: If it is longer than `max_bytes`.
            WorkspaceFull: If the disk is full.
        """
        source = admit(url, self._policy)
        try:
            async with asyncio.timeout(self._total_timeout_s):
                return await self._download(source, destination)
        except TimeoutError:
            raise too_slow(
                Verdict.TIMEOUT, f"{source} took more than {self._total_timeout_s:g} s"
            ) from None

    async def read_trust(self) -> None:
        """Reads the authorities now, so that the first exchange need not wait for them."""
        await self._trust.context()

    async def aclose(self) -> None:
        """Let go of the resolver's threads."""
        self._system_resolver.close()

    async def _download(self, source: SourceUrl, destination: Path) -> Download:
        backend = GuardedBackend(
            self._policy, self._resolver, connect_timeout_s=self._connect_timeout_s
        )
        async with aclosing(backend):
            response = await request(
                source,
                backend=backend,
                ssl_context=await self._trust.context(),
                connect_timeout_s=self._connect_timeout_s,
                read_timeout_s=self._read_timeout_s,
            )
            judge_head(source, response, self._max_bytes)
            with translated(source, Verdict.TRUNCATED), _complete_or_absent(destination) as file:
                return await self._save(source, response, file, destination)

    async def _save(
        self, source: SourceUrl, response: httpcore.Response, file: BinaryIO, path: Path
    ) -> Download:
        digest = hashlib.sha256()
        size_bytes = 0
        pace = Pace(self._min_bytes_per_s, self._speed_window_s)
        async for chunk in pieces(response):
            size_bytes += len(chunk)
            if size_bytes > self._max_bytes:
                raise too_large(self._max_bytes, f"{source} sent more")
            if not pace.keeps_up(len(chunk)):
                raise too_slow(Verdict.TOO_SLOW, f"{source} sent {size_bytes} bytes so far")
            digest.update(chunk)
            file.write(chunk)
        return Download(path=path, size_bytes=size_bytes, sha256=digest.hexdigest())


def quiet_loggers() -> None:
    """Keep HTTP libraries from logging what they send and receive.

    httpx logs whole URLs at INFO, httpcore the origin's headers at DEBUG, where a Location can
    hold our own query. `Fetcher` does this itself, so that no wiring can forget it.
    """
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def _complete_or_absent(path: Path) -> Iterator[BinaryIO]:
    file = path.open("xb")
    try:
        with file:
            yield file
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in _DISK_FULL:
            raise disk_full(f"{error.strerror} while writing a download") from error
        raise

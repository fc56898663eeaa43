"""Downloads a model within limits of size, time and speed; a failed download leaves no file.

Bytes are counted as they come off the wire, and again as they are unpacked, see `coding`. Besides
the library's timeouts, which a drip of one byte a second never meets, there are a total deadline
and a minimum speed.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import httpx

from pricing_fdm.fetch.client import GuardedClient
from pricing_fdm.fetch.coding import CodingError, Unpacked
from pricing_fdm.fetch.outcomes import FetchError, FetchOutcome, bad_status, failure
from pricing_fdm.fetch.pace import Pace
from pricing_fdm.model import Download

_MIB = 1024 * 1024


@dataclass(eq=False)
class Fetcher(GuardedClient):
    """Fetches models.

    Attributes:
        max_bytes: Largest file taken.
        min_bytes_per_s: Average that each `speed_window_s` of the body must reach.
    """

    _: KW_ONLY
    max_bytes: int
    min_bytes_per_s: float = 32 * 1024
    speed_window_s: float = 10.0

    async def fetch(self, url: str, destination: Path) -> Download:
        """Download `url` into `destination`, which must not exist yet.

        A download that fails or is cancelled leaves no file behind. An empty file is a result.

        Args:
            url: As the caller gave it.
            destination: In a folder of ours.

        Raises:
            SourceError: If policy forbids it, or the origin does not deliver. `outcome` says why.
            ModelTooLarge: If it is longer than `max_bytes`.
            OSError: If the file cannot be written.
        """
        async with self.exchange("GET", url) as response:
            host = f"{response.url.scheme}://{response.url.host}"
            unpacked = self._judge_head(host, response)
            with destination.open("xb") as file, ExitStack() as undo:
                undo.callback(destination.unlink, missing_ok=True)
                download = await self._save(host, response, unpacked, file, destination)
                undo.pop_all()
                return download

    def _judge_head(self, host: str, response: httpx.Response) -> Unpacked:
        """Refuse what need not be read: another status than 200, an odd coding, one too long."""
        if response.status_code != HTTPStatus.OK:
            raise bad_status(response.status_code, f"{host} answered {response.status_code}")
        for declared in response.headers.get_list("Content-Length"):
            if int(declared) > self.max_bytes:
                raise self._too_large(f"{host} declares {int(declared)} bytes")
        try:
            return Unpacked(response.headers.get_list("Content-Encoding"))
        except CodingError as error:
            raise failure(FetchOutcome.ENCODED, f"{host} sent {error}") from None

    async def _save(
        self, host: str, response: httpx.Response, unpacked: Unpacked, file: BinaryIO, path: Path
    ) -> Download:
        digest, sent_bytes, size_bytes = hashlib.sha256(), 0, 0
        pace = Pace(self.min_bytes_per_s, self.speed_window_s)
        try:
            async for sent in response.aiter_raw():
                sent_bytes += len(sent)
                if not pace.keeps_up(len(sent)):
                    raise failure(FetchOutcome.TOO_SLOW, f"{host} sent {sent_bytes} bytes so far")
                for piece in unpacked.take(sent):
                    size_bytes += len(piece)
                    if max(size_bytes, sent_bytes) > self.max_bytes:
                        raise self._too_large(f"{host} sent more")
                    digest.update(piece)
                    file.write(piece)
                    await asyncio.sleep(0)  # a small piece may unpack to many
        except CodingError as error:
            raise failure(FetchOutcome.ENCODED, f"{host}: the body is {error}") from None
        if not unpacked.is_whole():
            raise failure(FetchOutcome.TRUNCATED, f"{host}: the coded body ends in the middle")
        return Download(path, size_bytes, digest.hexdigest())

    def _too_large(self, log_detail: str) -> FetchError:
        return failure(FetchOutcome.TOO_LARGE, log_detail, max_mib=self.max_bytes / _MIB)

"""Downloads a model: judged, bounded, timed, and either complete or not there at all.

Bytes are counted as they come off the wire, without any decoding: 65 KB of gzip can become 67 MB
in one piece before a counter behind a decoder runs. Besides the library's timeouts, which a drip of
one byte a second never trips, there are a total deadline and a minimum speed.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import httpx

from pricing_fdm.fetch.client import GuardedClient
from pricing_fdm.fetch.failures import bad_status, disk_full, encoded, too_large, too_slow
from pricing_fdm.fetch.pace import Pace
from pricing_fdm.fetch.verdict import Verdict
from pricing_fdm.model import Download

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


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
            SourceError: If policy forbids it, or the origin does not deliver. `verdict` says why.
            ModelTooLarge: If it is longer than `max_bytes`.
            WorkspaceFull: If the disk is full.
        """
        async with self.exchange("GET", url) as response:
            self._judge_head(response)
            with _complete_or_absent(destination) as file:
                return await self._save(response, file, destination)

    def _judge_head(self, response: httpx.Response) -> None:
        """Refuse what need not be read: another status than 200, a coded body, one too long."""
        host = _host(response)
        if response.status_code != HTTPStatus.OK:
            raise bad_status(response.status_code, f"{host} answered {response.status_code}")
        codings = response.headers.get_list("Content-Encoding")
        if any(coding.lower() != "identity" for coding in codings):
            raise encoded(f"{host} sent a Content-Encoding")
        for declared in response.headers.get_list("Content-Length"):
            if int(declared) > self.max_bytes:
                raise too_large(self.max_bytes, f"{host} declares {int(declared)} bytes")

    async def _save(self, response: httpx.Response, file: BinaryIO, path: Path) -> Download:
        digest, size_bytes = hashlib.sha256(), 0
        pace = Pace(self.min_bytes_per_s, self.speed_window_s)
        async for piece in response.aiter_raw():
            size_bytes += len(piece)
            if size_bytes > self.max_bytes:
                raise too_large(self.max_bytes, f"{_host(response)} sent more")
            if not pace.keeps_up(len(piece)):
                raise too_slow(
                    Verdict.TOO_SLOW, f"{_host(response)} sent {size_bytes} bytes so far"
                )
            digest.update(piece)
            file.write(piece)
        return Download(path, size_bytes, digest.hexdigest())


def _host(response: httpx.Response) -> str:
    return f"{response.url.scheme}://{response.url.host}"


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

"""Removes old uploads that no job needs.

Every gateway and worker sweeps the same store, and a job may wait there for a day. Redis holds for
each upload until when jobs need it: while they are unfinished, and for a while after the last end.
Its key in the store is a secret and is hashed here.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import structlog

from pricing_fdm.concurrency.supervisor import Work, every
from pricing_fdm.errors import QueueUnavailable, StoreUnavailable
from pricing_fdm.jobs.connection import Client, Scripts, digest
from pricing_fdm.telemetry import logs
from pricing_fdm.uploads.store import UploadStore

_SWEEPS_PER_TTL = 4

_log = structlog.get_logger()


def sweeping(uploads: UploadStore, redis: Client, ttl_s: float) -> Work:
    """Sweeps the store again and again; every gateway and worker does, and none has to."""
    needed = NeededUploads(redis, kept_s=ttl_s)
    return every(ttl_s / _SWEEPS_PER_TTL, functools.partial(_sweep, uploads, needed))


class NeededUploads:
    """The uploads that the jobs in one Redis need.

    Args:
        kept_s: Seconds for which an upload is kept after the last job that needed it has ended.
    """

    def __init__(self, redis: Client, *, kept_s: float) -> None:
        self._scripts = Scripts(redis)
        self._kept_s = kept_s

    async def release(self, keys: Sequence[str]) -> list[str]:
        """Returns those of the keys that no job needs; no new job can name them any longer.

        Raises:
            QueueUnavailable: Redis does not answer.
        """
        by_digest = {digest(key): key for key in keys}
        free = await self._scripts.run("release_uploads", self._kept_s, *by_digest)
        return [by_digest[each] for each in free]


async def _sweep(uploads: UploadStore, needed: NeededUploads) -> None:
    try:
        swept = await uploads.sweep(needed.release)
    except (StoreUnavailable, QueueUnavailable) as error:
        _log.warning(logs.UPLOADS_UNSWEPT, detail=error.log_detail)
        return
    if swept:
        _log.info(logs.UPLOADS_SWEPT, swept=swept)

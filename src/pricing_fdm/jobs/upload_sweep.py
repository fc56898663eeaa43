"""Removes old uploads that no job needs.

Every gateway and worker sweeps the same store, and a job may wait there for a day.
"""

from __future__ import annotations

import functools

import structlog

from pricing_fdm.concurrency.supervisor import Work, every
from pricing_fdm.errors import QueueUnavailable, StoreUnavailable
from pricing_fdm.telemetry import logs
from pricing_fdm.uploads.store import Release, UploadStore

_SWEEPS_PER_TTL = 4

_log = structlog.get_logger()


def sweeping(uploads: UploadStore, release: Release, ttl_s: float) -> Work:
    """Sweeps the store again and again; `release` as for `UploadStore.sweep`."""
    return every(ttl_s / _SWEEPS_PER_TTL, functools.partial(_sweep, uploads, release))


async def _sweep(uploads: UploadStore, release: Release) -> None:
    try:
        swept = await uploads.sweep(release)
    except (StoreUnavailable, QueueUnavailable) as error:
        _log.warning(logs.UPLOADS_UNSWEPT, detail=error.log_detail)
        return
    if swept:
        _log.info(logs.UPLOADS_SWEPT, swept=swept)

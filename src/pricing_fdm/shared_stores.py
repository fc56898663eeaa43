"""What the processes of a fleet share, in Redis; without Redis each process knows it alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pricing_fdm.quoting.cache.result_cache import SharedStore
from pricing_fdm.quoting.estimate_record import KEPT_S

if TYPE_CHECKING:
    from pricing_fdm.jobs.connection import Client


@dataclass(frozen=True, slots=True)
class SharedStores:
    """The stores; None where nothing is shared.

    Attributes:
        results: Of slices.
        backlog: What waits at the printers.
        notes: What was estimated and sliced.
    """

    results: SharedStore | None = None
    backlog: SharedStore | None = None
    notes: SharedStore | None = None


ALONE = SharedStores()
"""Of a process that shares nothing."""


def stores_in(redis: Client, result_ttl_s: int) -> SharedStores:
    """The stores of all processes that use this Redis."""
    from pricing_fdm.jobs.shared_results import BACKLOG, ESTIMATE, RedisStore  # noqa: PLC0415

    return SharedStores(
        results=RedisStore(redis, ttl_s=result_ttl_s),
        backlog=RedisStore(redis, ttl_s=None, kind=BACKLOG),
        notes=RedisStore(redis, ttl_s=KEPT_S, kind=ESTIMATE),
    )

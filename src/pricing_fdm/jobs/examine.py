"""Whether a Redis is fit to hold jobs."""

from __future__ import annotations

from redis.asyncio import Redis

from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.health.readiness import Check
from pricing_fdm.jobs.connection import answer_of

REDIS = "redis"

_LEAST_VERSION = (6, 2)


async def examine(client: Redis) -> Check:
    """Checks version and eviction; reports persistence without requiring it."""
    try:
        about = await answer_of(client.info())
    except QueueUnavailable as error:
        return Check(REDIS, ok=False, detail=error.log_detail or error.detail)
    version = str(about["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < _LEAST_VERSION:
        return Check(REDIS, ok=False, detail=f"{version} is too old; 6.2 or newer is needed")
    if about.get("maxmemory") and about.get("maxmemory_policy") != "noeviction":
        detail = f"maxmemory-policy {about['maxmemory_policy']} loses jobs; set it to noeviction"
        return Check(REDIS, ok=False, detail=detail)
    kept = "is kept" if about.get("aof_enabled") else "is not kept (appendonly no)"
    return Check(REDIS, ok=True, detail=f"{version}; what is in the queue {kept} over a restart")

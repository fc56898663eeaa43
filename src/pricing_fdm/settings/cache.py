"""The result cache: its size, and how long it keeps results."""

from __future__ import annotations

from pydantic import Field

from pricing_fdm.settings.group import MIB, Group


class Cache(Group):
    """The result cache: its size, and how long it keeps results. Prices are never cached."""

    cache_memory_mb: int = Field(
        16,
        ge=1,
        le=65_536,
        description="MiB of memory for what was found out about models; 16 hold some 8,000.",
    )
    cache_ttl_secs: int = Field(
        86_400,
        ge=0,
        le=31_536_000,
        description="Seconds for which that is remembered, here and in the Redis of `REDIS_URL`. "
        "0: nothing is.",
    )
    cache_failure_secs: float = Field(
        60,
        ge=0,
        le=86_400,
        description="Seconds for which a refusal that is the model's own fault is repeated without "
        "looking at it again. 0: never.",
    )

    @property
    def memory_bytes(self) -> int:
        """Memory for slice results in bytes."""
        return self.cache_memory_mb * MIB

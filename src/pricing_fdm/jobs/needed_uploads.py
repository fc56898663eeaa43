"""Which uploads the jobs in Redis need.

Redis holds for each upload until when jobs need it: while they are unfinished, and for a while
after the last end. Its key in the store is a secret and is hashed here.
"""

from __future__ import annotations

from collections.abc import Sequence

from pricing_fdm.jobs.connection import Client, Scripts, digest


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

"""Posts a message of ours to a caller's URL, through the same guard as every download.

A caller chooses this URL as well as that of a model: it may point inwards or at a metadata service
(CVE-2026-40280 was a webhook without the guard of the downloads). Redirects are not followed, and
only the status of the answer is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from pricing_fdm.fetch.client import GuardedClient


@dataclass(eq=False)
class Poster(GuardedClient):
    """Posts messages."""

    _: KW_ONLY
    total_timeout_s: float = 10.0

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> int:
        """Posts once and returns the status of the answer, whatever it is.

        Raises:
            SourceError: The policy forbids it, or there is no answer. The sentences speak of
                downloads; `outcome` and `log_detail` say what happened.
        """
        async with self.exchange("POST", url, content, headers) as response:
            return response.status_code

"""The header `Idempotency-Key`: a repeated request is the same request, and pays for one slice."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from pricing_fdm.errors import InvalidRequest, PricingError
from pricing_fdm.jobs.store import key_conflict
from pricing_fdm.quoting.cache.answers import AnswerStore

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def idempotency_key(request: Request) -> str | None:
    """The key of a request, None if it has none.

    Raises:
        InvalidRequest: It is there twice, or is no key.
    """
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return None
    if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
        raise InvalidRequest(
            "The header Idempotency-Key must stand once and have 1 to 255 visible ASCII characters."
        )
    return keys[0]


def fingerprint(*what: object) -> str:
    """A digest of a request: its route, its fields, and its model's URL or digest."""
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered, or will be, under a caller's key.

    Attributes:
        key: None when the caller gave none; then nothing is kept.
        fingerprint: Of the request that the key belongs to.
    """

    store: AnswerStore
    key: str | None
    fingerprint: str

    async def read(self) -> dict[str, Any] | None:
        """The body that was answered before.

        Raises:
            IdempotencyConflict: To another request.
            QueueUnavailable: Redis does not answer.
        """
        text = None if self.key is None else await self.store.get(self.key)
        return None if text is None else self._body(text)

    async def keep(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keeps a body and returns it; or the one of an equal request that was quicker."""
        if self.key is None:
            return body
        text = json.dumps({"fingerprint": self.fingerprint, "body": body}, separators=(",", ":"))
        return self._body(await self.store.put_first(self.key, text))

    async def keep_if_final(
        self, body: dict[str, Any], outcomes: Iterable[object]
    ) -> Mapping[str, Any]:
        """The same, but for a body with a failure that may pass, which is not kept."""
        if any(isinstance(each, PricingError) and each.retryable for each in outcomes):
            return body
        return await self.keep(body)

    def _body(self, text: str) -> dict[str, Any]:
        kept = json.loads(text)
        if kept["fingerprint"] != self.fingerprint:
            raise key_conflict()
        body: dict[str, Any] = kept["body"]
        return body

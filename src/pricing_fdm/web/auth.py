"""Bearer tokens: who may call when the operator has set one.

Every path but the open ones needs a token. Tokens are compared by digest, in constant time and with
all valid ones each time, so the time of an answer does not show where a wrong token differs. A peer
that keeps guessing has to wait; other peers are not affected.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from pricing_fdm.errors import InvalidRequest, PricingError, TooManyAttempts, Unauthorized
from pricing_fdm.web.paths import (
    ASSETS_PATH,
    DOCS_PATH,
    HEALTH_PATH,
    OPENAPI_PATH,
    PAGE_PATH,
    READY_PATH,
)
from pricing_fdm.web.problems import refusal

OPEN_PATHS = frozenset({HEALTH_PATH, READY_PATH, DOCS_PATH, OPENAPI_PATH, PAGE_PATH})

_ATTEMPTS = 20
_WINDOW_S = 10.0
_MAX_PEERS = 10_000


class BearerAuthMiddleware:
    """Lets requests with a valid token through; all requests when no token is set."""

    def __init__(
        self,
        app: ASGIApp,
        tokens: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._digests = [_digest(token) for token in tokens]
        self._guesses = _GuessCounter(clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on or answers 400, 401 or 429."""
        if scope["type"] == "http" and self._digests and not _is_open(scope["path"]):
            try:
                self._admit(scope)
            except PricingError as error:
                await refusal(scope, error)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _admit(self, scope: Scope) -> None:
        values = Headers(scope=scope).getlist("authorization")
        if len(values) > 1:
            raise InvalidRequest("Send one Authorization header.")
        peer = (scope.get("client") or ("unknown",))[0]
        scheme, _, token = values[0].partition(" ") if values else ("", "", "")
        if scheme.lower() == "bearer" and self._is_valid(token.strip()):
            return
        wait_s = self._guesses.count(peer)
        if wait_s > 0:
            raise TooManyAttempts("Too many wrong tokens. Wait.", retry_after_s=wait_s)
        raise Unauthorized("Send a valid token: Authorization: Bearer <token>.")

    def _is_valid(self, token: str) -> bool:
        digest = _digest(token)
        matches = [hmac.compare_digest(digest, known) for known in self._digests]
        return any(matches)


class _GuessCounter:
    """Counts the wrong tokens of the last seconds, for a bounded number of peers."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, peer: str) -> int:
        """Counts a wrong token; returns the seconds that the peer has to wait, or 0."""
        now = self._clock()
        times = self._times.setdefault(peer, deque(maxlen=_ATTEMPTS))
        self._times.move_to_end(peer)
        if len(self._times) > _MAX_PEERS:
            self._times.popitem(last=False)
        while times and now - times[0] > _WINDOW_S:
            times.popleft()
        if len(times) == _ATTEMPTS:
            return max(1, round(_WINDOW_S - (now - times[0])))
        times.append(now)
        return 0


def _is_open(path: str) -> bool:
    """Whether a path needs no token. The page is open; it asks for a token when it gets a 401."""
    return path in OPEN_PATHS or path.startswith(f"{ASSETS_PATH}/")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

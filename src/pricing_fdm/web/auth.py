"""Bearer tokens: who may call when the operator has set one.

Every path but the open ones needs a token; the admin routes need one of their own. Tokens are
compared by digest, in constant time and with all valid ones each time, so the time of an answer
does not show where a wrong token differs. A peer that keeps guessing has to wait, and until then
none of its tokens is looked at, not even a right one: otherwise guessing could go on during the
wait. Other peers are not affected. On an open path a token is not needed,
but counts: it opens the details of `/ready`.
"""

from __future__ import annotations

import hashlib
import hmac
import math
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
    admin_action,
)
from pricing_fdm.web.problems import refusal

OPEN_PATHS = frozenset({HEALTH_PATH, READY_PATH, DOCS_PATH, OPENAPI_PATH, PAGE_PATH})

_TRUSTED = "pricing_fdm.trusted"
_ATTEMPTS = 20
_WINDOW_S = 10.0
_MAX_PEERS = 10_000


class BearerAuthMiddleware:
    """Lets requests with a valid token through; all requests when no token is set."""

    def __init__(
        self,
        app: ASGIApp,
        tokens: Sequence[str],
        admin_tokens: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._digests = [_digest(token) for token in tokens]
        self._admin_digests = [_digest(token) for token in admin_tokens]
        self._guesses = _GuessCounter(clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on or answers 400, 401 or 429."""
        if scope["type"] == "http" and self._known(scope):
            try:
                scope[_TRUSTED] = self._is_trusted(scope)
            except PricingError as error:
                await refusal(scope, error)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _known(self, scope: Scope) -> Sequence[bytes]:
        """The digests of the tokens that this path takes; none where it needs no token."""
        return self._admin_digests if self._admin_digests and admin_action(scope) else self._digests

    def _is_trusted(self, scope: Scope) -> bool:
        """Whether the request has a valid token.

        Raises:
            PricingError: It has none and needs one.
        """
        values = Headers(scope=scope).getlist("authorization")
        is_open = _is_open(scope["path"])
        if is_open and not values:
            return False
        try:
            self._admit(scope, values)
        except PricingError:
            if is_open:  # a probe is answered whatever it sends
                return False
            raise
        return True

    def _admit(self, scope: Scope, values: Sequence[str]) -> None:
        if len(values) > 1:
            raise InvalidRequest("Send one Authorization header.")
        peer = (scope.get("client") or ("unknown",))[0]
        wait_s = self._guesses.wait_s(peer)
        if wait_s > 0:
            raise TooManyAttempts("Too many wrong tokens. Wait.", retry_after_s=wait_s)
        scheme, _, token = values[0].partition(" ") if values else ("", "", "")
        if scheme.lower() == "bearer" and _is_one_of(token.strip(), self._known(scope)):
            return
        if token:
            self._guesses.count(peer)
        raise Unauthorized("Send a valid token: Authorization: Bearer <token>.")


class _GuessCounter:
    """Counts the wrong tokens of the last seconds, for a bounded number of peers."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, peer: str) -> int:
        """The seconds that the peer has to wait, or 0."""
        times = self._times.get(peer)
        if times is None or len(times) < _ATTEMPTS:
            return 0
        return max(0, math.ceil(times[0] + _WINDOW_S - self._clock()))

    def count(self, peer: str) -> None:
        """Counts a wrong token; the oldest of as many as are allowed is forgotten."""
        self._times.setdefault(peer, deque(maxlen=_ATTEMPTS)).append(self._clock())
        self._times.move_to_end(peer)
        if len(self._times) > _MAX_PEERS:
            self._times.popitem(last=False)


def is_trusted(scope: Scope) -> bool:
    """Whether a request may see details: it has a token, or no token is set."""
    trusted: bool = scope.get(_TRUSTED, True)
    return trusted


def _is_one_of(token: str, digests: Sequence[bytes]) -> bool:
    digest = _digest(token)
    matches = [hmac.compare_digest(digest, known) for known in digests]
    return any(matches)


def _is_open(path: str) -> bool:
    """Whether a path needs no token. The page is open; it asks for a token when it gets a 401."""
    return path in OPEN_PATHS or path.startswith(f"{ASSETS_PATH}/")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

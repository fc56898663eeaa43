"""Cross-origin requests: pages of the origins that the operator names may call this service."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from pricing_fdm.web.request_id import HEADER

_SENT = ("Authorization", "Content-Type", "Idempotency-Key", HEADER, "traceparent")
_READ = (HEADER, "Location", "Retry-After")
_METHODS = ("GET", "POST", "DELETE")


class CrossOriginMiddleware(CORSMiddleware):
    """Adds the headers that a browser asks for, and answers its preflight requests.

    No cookies: who calls sends a token. A page of another origin gets no such headers, so the
    browser refuses its call.

    Args:
        origins: Such as `https://shop.example`; `*` for all.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_SENT,
            expose_headers=_READ,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """The library's headers without its text: an error of ours is never plain text."""
        headers = super().preflight_response(request_headers).headers
        kept = {k: v for k, v in headers.items() if not k.startswith("content-")}
        return Response(status_code=204, headers=kept)

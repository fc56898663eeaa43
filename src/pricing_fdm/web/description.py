"""`GET /openapi.json` and `GET /docs`, for the shop in force."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.fetch.authority import parse_authority
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.web.app_state import state_of
from pricing_fdm.web.docs_page import docs_page, docs_response
from pricing_fdm.web.openapi import describe

_HOST, _PROTO = "Host", "X-Forwarded-Proto"
_HEADERS = {"Vary": f"{_HOST}, {_PROTO}"}


class Description:
    """The description of the API; made anew when another shop is in force.

    Args:
        shop: The one at start.
        quotes: Whether the synchronous routes are there.
        admin: Whether the admin routes are.
    """

    def __init__(self, shop: Shop, *, quotes: bool, admin: bool) -> None:
        self._quotes, self._admin = quotes, admin
        self._version = ""
        self._api: dict[str, Any] = {}
        self._page = ""
        self._follow(shop)

    async def get_openapi(self, request: Request) -> Response:
        """The description as JSON, with the address under which the caller reached it."""
        self._follow(state_of(request).shop)
        body = {**self._api, "servers": [{"url": _server(request)}]}
        return JSONResponse(body, headers=_HEADERS)

    async def get_docs(self, request: Request) -> Response:
        """The same as a page for people."""
        self._follow(state_of(request).shop)
        return docs_response(self._page)

    def _follow(self, shop: Shop) -> None:
        if self._version != shop.version:
            self._api = describe(shop, quotes=self._quotes, admin=self._admin)
            self._page = docs_page(self._api)
            self._version = shop.version


def _server(request: Request) -> str:
    """The address of this service; `/`, the place of the description, where the Host is odd.

    Whoever asks may have written these headers himself: only their canonical form goes out. A
    reverse proxy that ends TLS says so in the second.
    """
    try:
        host, port = parse_authority(request.headers.get(_HOST, ""))
    except ValueError:
        return "/"
    scheme = "https" if request.headers.get(_PROTO) == "https" else "http"
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" + (f":{port}" if port else "")

"""`GET /assets/logo`: the picture that the shop file names, for the quote page.

It is read anew for each request, as the shop may change while the service runs. Whoever opens it by
itself gets a document in which nothing runs.
"""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import PurePath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.files import read_file
from pricing_fdm.shop.values import PICTURES
from pricing_fdm.web.app_state import state_of
from pricing_fdm.web.paths import ASSETS_PATH

LOGO_PATH = f"{ASSETS_PATH}/logo"

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def logo_of(shop: Shop) -> str | None:
    """Where the page finds the logo; another shop has another address, so none is kept too long."""
    return f"{LOGO_PATH}?{shop.version}" if shop.customer.logo else None


async def get_logo(request: Request) -> Response:
    """The shop's logo."""
    shop = state_of(request).shop
    name = shop.customer.logo
    if name is None:
        raise HTTPException(404)
    try:
        content = await asyncio.to_thread(read_file, shop.folder / name)
    except OSError as error:  # it went after the shop was loaded
        raise HTTPException(404) from error
    headers = {**_HEADERS, "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=PICTURES[PurePath(name).suffix.lower()])

"""`GET /`: the quote page as `make web` built it, or a plain page that says how to build it.

All files are read when the service starts, so no path of a caller ever reaches the disk. The
policy below makes the browser refuse scripts and styles from other origins or written in line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pricing_fdm.web.paths import ASSETS_PATH, PAGE_PATH

BUILT = Path(__file__).parent.parent / "page"
"""Where `make web` puts the page, and the wheel carries it."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
# The names of assets hold a hash of their content.
_FOREVER = "public, max-age=31536000, immutable"

NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>pricing-fdm</title>
<h1>pricing-fdm</h1>
<p>The service runs, but its quote page has not been built here. <code>make web</code> builds it
(it needs Node 18 or newer); wheels and images carry it. Restart the service afterwards.</p>
<p>The API does not need the page: <a href="/docs">how to use it</a>.</p>
</html>
"""


class Page:
    """The built files in memory; a few hundred kilobytes.

    Args:
        folder: What `make web` made; it may be absent.
    """

    def __init__(self, folder: Path = BUILT) -> None:
        index = folder / "index.html"
        self._index = index.read_bytes() if index.is_file() else NOT_BUILT.encode()
        self._tag = f'"{hashlib.sha256(self._index).hexdigest()[:32]}"'
        self._assets = _read(folder / "assets")

    def routes(self) -> list[Route]:
        """The page and what it loads."""
        return [
            Route(PAGE_PATH, self._get_page),
            Route(f"{ASSETS_PATH}/{{name}}", self._get_asset),
        ]

    async def _get_page(self, request: Request) -> Response:
        headers = {**_HEADERS, "ETag": self._tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == self._tag:
            return Response(status_code=304, headers=headers)
        return Response(self._index, headers=headers, media_type="text/html")

    async def _get_asset(self, request: Request) -> Response:
        found = self._assets.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        content, media_type = found
        headers = {"Cache-Control": _FOREVER, "X-Content-Type-Options": "nosniff"}
        return Response(content, headers=headers, media_type=media_type)


def _read(folder: Path) -> Mapping[str, tuple[bytes, str]]:
    if not folder.is_dir():
        return {}
    return {
        path.name: (path.read_bytes(), _media_type(path))
        for path in folder.iterdir()
        if path.is_file()
    }


def _media_type(path: Path) -> str:
    """By the file's ending, from our own table: the machine's table may differ."""
    return _MEDIA_TYPES.get(path.suffix, "application/octet-stream")

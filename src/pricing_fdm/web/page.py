"""`GET /`: the quote page as `make web` built it, or a plain page that says how to build it.

All files are read when the service starts, so no path of a caller ever reaches the disk. They were
compressed when the page was built; nothing is compressed here. The policy below makes the browser
refuse scripts and styles from other origins or written in line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pricing_fdm.web.content_coding import CODINGS, IDENTITY, chosen_coding
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
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
# The names of assets hold a hash of their content.
_ASSET_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}

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
    """The built files in memory, as they are and compressed; about a megabyte.

    Args:
        folder: What `make web` made; it may be absent.
    """

    def __init__(self, folder: Path = BUILT) -> None:
        index = folder / "index.html"
        page_headers = {**_HEADERS, "Cache-Control": "no-cache"}
        self._index = (
            _File.read(index, page_headers)
            if index.is_file()
            else _File("text/html", page_headers, {IDENTITY: NOT_BUILT.encode()})
        )
        self._assets = {path.name: _File.read(path, _ASSET_HEADERS) for path in _files(folder)}

    def routes(self) -> list[Route]:
        """The page and what it loads."""
        return [
            Route(PAGE_PATH, self._get_page),
            Route(f"{ASSETS_PATH}/{{name}}", self._get_asset),
        ]

    async def _get_page(self, request: Request) -> Response:
        return self._index.answer(request)

    async def _get_asset(self, request: Request) -> Response:
        found = self._assets.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        return found.answer(request)


class _File:
    """A file in each coding that it is kept in."""

    def __init__(
        self, media_type: str, headers: Mapping[str, str], by_coding: Mapping[str, bytes]
    ) -> None:
        self._media_type = media_type
        self._headers = {**headers, "Vary": "Accept-Encoding"}
        self._by_coding = by_coding
        self._hash = hashlib.sha256(by_coding[IDENTITY]).hexdigest()[:32]

    @classmethod
    def read(cls, path: Path, headers: Mapping[str, str]) -> _File:
        """Reads a file, and those beside it that hold the same compressed."""
        beside = {coding: path.with_name(path.name + end) for coding, end in CODINGS.items()}
        by_coding = {
            coding: each.read_bytes()
            for coding, each in {**beside, IDENTITY: path}.items()
            if each.is_file()
        }
        # By the file's ending, from our own table: the machine's table may differ.
        media_type = _MEDIA_TYPES.get(path.suffix, "application/octet-stream")
        return cls(media_type, headers, by_coding)

    def answer(self, request: Request) -> Response:
        """The file in the coding that the caller wants most; 304 where he has it."""
        coding = chosen_coding(request.headers.getlist("accept-encoding"), self._by_coding)
        tag = f'"{self._hash}-{coding}"'
        headers = {**self._headers, "ETag": tag}
        if tag in _tags(request):
            return Response(status_code=304, headers=headers)
        if coding != IDENTITY:
            headers["Content-Encoding"] = coding
        return Response(self._by_coding[coding], headers=headers, media_type=self._media_type)


def _files(folder: Path) -> list[Path]:
    """The assets, without what is the same compressed."""
    assets = folder / "assets"
    return [
        path
        for path in (assets.iterdir() if assets.is_dir() else ())
        if path.is_file() and path.suffix not in CODINGS.values()
    ]


def _tags(request: Request) -> list[str]:
    """Those that the caller has; a proxy on the way may have called one weak."""
    named = ",".join(request.headers.getlist("if-none-match")).split(",")
    return [tag.strip().removeprefix("W/") for tag in named]

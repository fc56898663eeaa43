"""The page is served as it was built, from memory, under a policy that a browser enforces."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from pricing_fdm.web.page import Page

PAGE = b"<!doctype html><p>page"
SCRIPT = b"console.log(1)"
BROTLI = b"any bytes: they are sent as they lie there"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "index.html").write_bytes(PAGE)
    (assets / "index-a1b2.js").write_bytes(SCRIPT)
    (assets / "index-a1b2.css").write_bytes(b"p{}")
    (assets / "index-a1b2.js.gz").write_bytes(gzip.compress(SCRIPT, mtime=0))
    (assets / "index-a1b2.js.br").write_bytes(BROTLI)
    (tmp_path / "index.html.gz").write_bytes(gzip.compress(PAGE))
    (tmp_path / "secret").write_bytes(b"not for anybody")
    return tmp_path


def ask(folder: Path, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """An answer, and its body as it came."""

    async def run() -> tuple[httpx.Response, bytes]:
        transport = httpx.ASGITransport(Starlette(routes=Page(folder).routes()))
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://page") as client,
            client.stream("GET", path, headers={"Accept-Encoding": "", **headers}) as answer,
        ):
            return answer, b"".join([piece async for piece in answer.aiter_raw()])

    return asyncio.run(run())


def test_the_page_forbids_scripts_in_line_and_other_origins(built: Path) -> None:
    """What a browser is told holds even where the page had a hole."""
    answer, body = ask(built, "/")
    assert body == PAGE
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("form", ["{}", "W/{}", '"another", {}'], ids=["it", "weak", "several"])
@pytest.mark.parametrize("accepted", ["", "gzip"])
def test_an_unchanged_page_is_not_sent_again(built: Path, form: str, accepted: str) -> None:
    """But always asked for: a new release shows at once."""
    first, _ = ask(built, "/", **{"Accept-Encoding": accepted})
    assert first.headers["cache-control"] == "no-cache"
    known = {"If-None-Match": form.format(first.headers["etag"])}
    again, body = ask(built, "/", **known, **{"Accept-Encoding": accepted})
    assert (again.status_code, body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["vary"] == "Accept-Encoding"
    (built / "index.html").write_bytes(b"a new release")
    assert ask(built, "/", **known, **{"Accept-Encoding": accepted})[0].status_code == 200


def test_assets_may_be_kept_for_ever(built: Path) -> None:
    """Their names change with their content."""
    answer, body = ask(built, "/assets/index-a1b2.js")
    assert body == SCRIPT
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    styles, _ = ask(built, "/assets/index-a1b2.css")
    assert styles.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize(
    ("accepted", "coding", "sent"),
    [
        ("", None, SCRIPT),
        ("gzip, deflate, br", "br", BROTLI),
        ("gzip, br;q=0.1", "gzip", gzip.compress(SCRIPT, mtime=0)),
    ],
)
def test_files_are_sent_as_they_were_compressed(
    built: Path, accepted: str, coding: str | None, sent: bytes
) -> None:
    """A cache on the way keeps each apart: by its own tag, and by what was accepted."""
    answer, body = ask(built, "/assets/index-a1b2.js", **{"Accept-Encoding": accepted})
    assert body == sent
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["content-length"] == str(len(sent))
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["etag"].endswith(f'-{coding or "identity"}"')


@pytest.mark.parametrize(
    "name",
    ["none.js", "..%2fsecret", "%2e%2e/secret", "../secret", "index-a1b2.js.br"],
)
def test_a_name_that_was_not_built_is_not_found(built: Path, name: str) -> None:
    """Names are looked up in a list, never on the disk."""
    assert ask(built, f"/assets/{name}")[0].status_code == 404


def test_a_clone_without_node_says_how_to_get_the_page(tmp_path: Path) -> None:
    """The service is whole without it."""
    answer, body = ask(tmp_path / "nothing", "/")
    assert answer.status_code == 200
    assert b"make web" in body
    assert b"<script" not in body
    assert b"style=" not in body

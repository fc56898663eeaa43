"""The page is served as it was built, from memory, under a policy that a browser enforces."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from pricing_fdm.web.page import Page

SCRIPT = b"console.log(1)"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "index.html").write_bytes(b"<!doctype html><p>page")
    (assets / "index-a1b2.js").write_bytes(SCRIPT)
    (assets / "index-a1b2.css").write_bytes(b"p{}")
    (tmp_path / "secret").write_bytes(b"not for anybody")
    return tmp_path


def get(folder: Path, path: str, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=Page(folder).routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def test_the_page_forbids_scripts_in_line_and_other_origins(built: Path) -> None:
    """What a browser is told holds even where the page had a hole."""
    answer = get(built, "/")
    assert answer.content == b"<!doctype html><p>page"
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_an_unchanged_page_is_not_sent_again(built: Path) -> None:
    """But always asked for: a new release shows at once."""
    first = get(built, "/")
    assert first.headers["cache-control"] == "no-cache"
    again = get(built, "/", **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_assets_may_be_kept_for_ever(built: Path) -> None:
    """Their names change with their content."""
    answer = get(built, "/assets/index-a1b2.js")
    assert answer.content == SCRIPT
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    styles = get(built, "/assets/index-a1b2.css")
    assert styles.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize("name", ["none.js", "..%2fsecret", "%2e%2e/secret", "../secret"])
def test_a_name_that_was_not_built_is_not_found(built: Path, name: str) -> None:
    """Names are looked up in a list, never on the disk."""
    assert get(built, f"/assets/{name}").status_code == 404


def test_a_clone_without_node_says_how_to_get_the_page(tmp_path: Path) -> None:
    """The service is whole without it."""
    answer = get(tmp_path / "nothing", "/")
    assert answer.status_code == 200
    assert "make web" in answer.text
    assert "<script" not in answer.text
    assert "style=" not in answer.text

"""The shop's picture, as the page loads it."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx

from tests.harness.service import PLAIN, RunningService
from tests.web.shop_service import SHOP, TWO_PRINTERS, serving

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><path d="M0 0h60v20z"/></svg>'


def logo(service: RunningService, path: str, **headers: str) -> httpx.Response:
    """By the address that the shop names."""
    return httpx.get(f"{service.base_url}{path}", headers=headers, **PLAIN)


def test_the_logo_of_the_shop_in_force_is_served_without_a_token(tmp_path: Path) -> None:
    """A picture of a page sends none; by itself it is a document in which nothing runs."""
    folder = shutil.copytree(TWO_PRINTERS, tmp_path / "shop")
    (folder / "logo.svg").write_bytes(LOGO)
    with (folder / "shop.toml").open("a") as file:
        file.write('\n[customer]\nlogo = "logo.svg"\n')
    with serving(folder, tmp_path, API_TOKEN="a-token-of-thirty-two-characters") as service:
        token = {"Authorization": "Bearer a-token-of-thirty-two-characters"}
        shop = service.get(SHOP, headers=token).json()
        assert shop["logo"] == f"/assets/logo?{shop['shop_version']}"
        found = logo(service, shop["logo"])
        assert (found.status_code, found.content) == (200, LOGO)
        assert found.headers["content-type"] == "image/svg+xml"
        assert "default-src 'none'" in found.headers["content-security-policy"]
        assert "sandbox" in found.headers["content-security-policy"]
        again = logo(service, shop["logo"], **{"If-None-Match": found.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        (folder / "logo.svg").unlink()
        assert logo(service, shop["logo"]).status_code == 404


def test_a_shop_without_a_logo_names_none(tmp_path: Path) -> None:
    """A page that asks all the same is told that there is none."""
    folder = shutil.copytree(TWO_PRINTERS, tmp_path / "shop")
    with serving(folder, tmp_path) as service:
        assert "logo" not in service.get(SHOP).json()
        assert logo(service, "/assets/logo").status_code == 404

"""The description follows the shop, and is made once for each."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.requests import Request

from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.load import load_shop
from pricing_fdm.web.app_state import STATE_KEY
from pricing_fdm.web.description import Description
from tests.shop.shops import bundled_shop
from tests.slicers.profile_folder import ProfileFolder


def asked(shop: Shop, **headers: str) -> Request:
    """A request to a service that has this shop."""
    return Request(
        {
            "type": "http",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "state": {STATE_KEY: SimpleNamespace(shop=shop)},
        }
    )


def test_the_choices_are_those_of_the_shop_in_force(tmp_path: Path) -> None:
    """A client that is generated from it knows them."""
    folder = ProfileFolder(tmp_path / "shop")
    folder.shop('id = "nylon"', 'id = "pa-cf"')
    other = load_shop(folder.path)
    description = Description(bundled_shop(), quotes=True, admin=False)
    for shop, there, gone in ((bundled_shop(), "nylon", "pa-cf"), (other, "pa-cf", "nylon")):
        body = bytes(asyncio.run(description.get_openapi(asked(shop))).body).decode()
        assert f'"{there}"' in body
        assert f'"{gone}"' not in body


def test_it_is_made_once_for_a_shop() -> None:
    """It takes a tenth of a second, and anybody may ask."""
    shop = bundled_shop()
    description = Description(shop, quotes=True, admin=True)
    made = description._api
    asyncio.run(description.get_openapi(asked(shop)))
    assert description._api is made


@pytest.mark.parametrize(
    ("headers", "url"),
    [
        ({"host": "Shop.Example"}, "http://shop.example"),
        ({"host": "127.0.0.1:8083"}, "http://127.0.0.1:8083"),
        ({"host": "[::1]:8083"}, "http://[::1]:8083"),
        ({"host": "shop.example", "x-forwarded-proto": "https"}, "https://shop.example"),
        ({"host": "shop.example", "x-forwarded-proto": "javascript"}, "http://shop.example"),
        ({"host": "shop.example/evil?"}, "/"),
        ({"host": "me@shop.example"}, "/"),
        ({"host": "0x7f.1"}, "/"),
        ({"host": ""}, "/"),
        ({}, "/"),
    ],
)
def test_the_server_is_the_one_that_was_reached(headers: dict[str, str], url: str) -> None:
    """A generated client calls it; what a stranger writes into the header is not repeated."""
    shop = bundled_shop()
    description = Description(shop, quotes=True, admin=False)
    answer = asyncio.run(description.get_openapi(asked(shop, **headers)))
    assert json.loads(bytes(answer.body))["servers"] == [{"url": url}]
    assert answer.headers["vary"] == "Host, X-Forwarded-Proto"

"""The description follows the shop, and is made once for each."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

from starlette.requests import Request

from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.load import load_shop
from pricing_fdm.web.app_state import STATE_KEY
from pricing_fdm.web.description import Description
from tests.shop.shops import bundled_shop
from tests.slicers.profile_folder import ProfileFolder


def asked(shop: Shop) -> Request:
    """A request to a service that has this shop."""
    return Request({"type": "http", "state": {STATE_KEY: SimpleNamespace(shop=shop)}})


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

"""A command line asks for the prices of several files, or of one file in several ways."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from pricing_fdm.commands.order_options import fault_lines
from pricing_fdm.commands.quote import add_arguments
from pricing_fdm.commands.quote_asks import Ask, asks_of
from pricing_fdm.errors import InvalidRequest
from pricing_fdm.model import Order
from pricing_fdm.shop.catalogue import Shop
from tests.shop.shops import bundled_shop, full_shop


def asked(*arguments: str, shop: Shop | None = None) -> list[Ask]:
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    return asks_of(parser.parse_args(arguments), shop or bundled_shop(), 1000)


def test_each_file_is_an_order_of_the_same_kind() -> None:
    """Named as it was typed; nothing is opened yet."""
    asks = asked("a.stl", "b.stl", "--quantity", "3")
    assert [ask.asked for ask in asks] == [("a.stl",), ("b.stl",)]
    assert asks[0].order == asks[1].order
    assert isinstance(asks[0].order, Order)
    assert asks[0].order.quantity == 3


def test_what_is_compared_is_asked_for_in_all_ways_of_one_file(tmp_path: Path) -> None:
    """A way that the shop does not have is there with its reason."""
    asks = asked("a.stl", "--compare", "material,layer_thickness")
    shop = bundled_shop()
    assert len(asks) == len(shop.materials) * len({each.layer_thickness for each in shop.qualities})
    assert len({ask.asked for ask in asks}) == len(asks)
    assert len({id(ask.file) for ask in asks}) == 1
    arguments = ("a.stl", "--compare", "material", "--finish", "dyed")  # which is for PETG
    dyed = asked(*arguments, shop=full_shop(tmp_path))
    assert {ask.asked[0]: isinstance(ask.order, Order) for ask in dyed} == {
        "pla": False,
        "petg": True,
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--infill", "5"], "--infill: Must be"),
        (["--quantity", "0"], "--quantity: Must be"),
        (["--material", "wood"], "--material: Must be 'pla', 'abs'"),
        (["--compare", "speed", "--speed", "rush"], "--speed: is to be compared"),
        (["other.stl", "--compare", "speed"], "--compare is for one file"),
        (["--compare", "colour"], "There is nothing to compare"),
        (["--layer-thickness", "0.15mm"], "--layer-thickness: Must be 100, 200 or 300"),
        (["other.stl", "--estimate"], "--estimate is for one file"),
    ],
)
def test_a_wrong_option_is_named(arguments: list[str], says: str) -> None:
    """As it is typed."""
    with pytest.raises(InvalidRequest) as refused:
        asked("a.stl", *arguments)
    assert says in "\n".join(fault_lines(refused.value))

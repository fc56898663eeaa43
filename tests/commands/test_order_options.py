"""The options of an order: derived from the request, completed and listed by the shop."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.commands.order_options import (
    add_order_options,
    choices_of,
    compared_fields,
    fault_lines,
    field_of,
    given_fields,
    in_own_words,
    offer_rows,
    option_of,
    order_of,
)
from pricing_fdm.commands.usage import CommandParser, UsageError
from pricing_fdm.errors import InvalidRequest
from pricing_fdm.order_request import OrderRequest
from pricing_fdm.shop.catalogue import Shop
from tests.shop.shops import bundled_shop, full_shop, small_shop


def parsed(*arguments: str) -> argparse.Namespace:
    parser = CommandParser(prog="quote")
    add_order_options(parser)
    return parser.parse_args(arguments)


def given(shop: Shop, *arguments: str) -> dict[str, Any]:
    return given_fields(parsed(*arguments), shop)


@pytest.mark.parametrize("text", ["200", "200um", "200 µm", "0.2", "0.2mm", "0.20 MM"])
def test_a_layer_is_told_in_micrometres_or_millimetres(text: str) -> None:
    """People say 0.2, the contract says 200."""
    assert parsed("--layer-thickness", text).layer_thickness == 200


@pytest.mark.parametrize("text", ["thin", "0.2cm", "200.5um", "-1", "0.00001mm", ""])
def test_any_other_thickness_is_refused_with_both_ways(text: str) -> None:
    """A thickness that is rounded is not what was asked."""
    with pytest.raises(UsageError, match="is in micrometres, such as 200, or in mm"):
        parsed(f"--layer-thickness={text}")


def test_every_choice_of_a_shop_can_be_made(tmp_path: Path) -> None:
    """Those that may be several are repeated."""
    shop = full_shop(tmp_path)
    fields = given(
        shop,
        *("--material", "PETG", "--quality", "fine", "--printer", "xl", "--speed", "overnight"),
        *("--finish", "sanded", "--finish", "dyed"),
        *("--override", "wall_loops=3", "--override", "brim_type=no_brim"),
    )
    order = order_of(fields, shop)
    assert order.print_settings.material == "petg"
    assert order.print_settings.quality.id == "fine"
    assert order.print_settings.overrides == (("brim_type", "no_brim"), ("wall_loops", "3"))
    assert (order.printer, order.speed, order.finishes) == ("xl", "overnight", ("sanded", "dyed"))
    assert order_of(given(shop, "--colour", "gold"), shop).colour == "gold"


def test_what_is_left_out_is_what_the_shop_has(tmp_path: Path) -> None:
    """PLA in 0.2 mm if there is any, else the first material and a quality that prints it."""
    usual = order_of({}, bundled_shop()).print_settings
    assert (usual.material, usual.infill_percent, usual.quality.id) == ("pla", 20, "standard")
    other = small_shop(
        tmp_path, ('id = "pla"', 'id = "pa"'), ("layer_thickness = 200", "layer_thickness = 250")
    )
    first = order_of({}, other).print_settings
    assert (first.material, first.quality.layer_thickness) == ("pa", 250)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--material", "wood"), "--material: Must be 'pla' or 'petg'"),
        (("--finish", "gilded"), "--finish: Must be 'sanded'"),
        (("--override", "wall_loops=9"), "--override: wall_loops must be a whole number"),
        (("--override", "wall_loops=x"), "--override: wall_loops must be a whole number"),
        (("--override", "speed=9"), "--override: only these can be changed: wall_loops, brim_type"),
        (("--override", "wall_loops=3", "--override", "wall_loops=4"), "--override: one is given"),
        (("--quantity", "0"), "--quantity: Must be greater than or equal to 1"),
    ],
)
def test_what_is_not_on_offer_is_named_by_its_option(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    """With what there is instead."""
    shop = full_shop(tmp_path)
    with pytest.raises(InvalidRequest) as caught:
        order_of(given(shop, *arguments), shop)
    assert fault_lines(caught.value)[0].startswith(says)


@pytest.mark.parametrize("text", ["wall_loops", "=3", "wall_loops="])
def test_an_override_is_a_key_and_a_value(text: str) -> None:
    """Half of it is a slip."""
    with pytest.raises(UsageError, match="KEY=VALUE"):
        parsed("--override", text)


def test_every_field_has_an_option_and_back() -> None:
    """A new field of a request is an option without a line here."""
    for name in OrderRequest.model_fields:
        assert field_of(option_of(name)) == name
    assert option_of("overrides.wall_loops") == "--override"
    assert field_of("--json") == "json"


def test_texts_of_the_interface_name_options() -> None:
    """Only where they mean a field."""
    assert in_own_words("name it in `units`") == "name it in --units"
    assert in_own_words("order it with orientation `auto`") == "order it with --orientation auto"
    assert in_own_words("the material is thin; `never`") == "the material is thin; never"


def test_a_comparison_takes_what_a_shop_has_several_of(tmp_path: Path) -> None:
    """By the names of fields or options."""
    assert compared_fields("Material,layer_thickness") == ["material", "layer_thickness"]
    assert compared_fields("layer-thickness, finish") == ["layer_thickness", "finishes"]
    with pytest.raises(argparse.ArgumentTypeError, match="material, layer_thickness, quality"):
        compared_fields("infill")
    choices = choices_of(full_shop(tmp_path), {})
    assert choices["layer_thickness"] == [200, 100]
    assert choices["colour"] == ["black", "gold"]
    assert choices["finishes"] == [None, ["sanded"], ["dyed"]]
    assert choices_of(full_shop(tmp_path), {"material": "petg"})["colour"] == []
    assert {name for name in choices if compared_fields(name) == [name]} == set(choices)


def test_the_help_lists_what_the_shop_offers(tmp_path: Path) -> None:
    """Nobody knows the ids by heart."""
    rows = list(offer_rows(full_shop(tmp_path)))
    assert rows == [
        ("--material", "pla, petg"),
        ("--quality", "standard (200 um), fine (100 um)"),
        ("--printer", "auto, mk3s, xl"),
        ("--colour", "pla: black, gold"),
        ("--finish", "sanded, dyed"),
        ("--speed", "express, overnight"),
        ("--override", "wall_loops=2..6"),
        ("--override", "brim_type=no_brim|outer_only"),
    ]
    assert [option for option, _ in offer_rows(small_shop(tmp_path / "small"))] == [
        *("--material", "--quality", "--printer", "--colour"),
    ]

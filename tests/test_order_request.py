"""An order is described once: what the model has, every way to order has."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pricing_fdm.commands.quote import add_arguments
from pricing_fdm.errors import InvalidRequest
from pricing_fdm.order_request import OrderRequest, in_shop
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.web.form import order_of_texts
from pricing_fdm.web.jobs.schemas import JobOptions
from pricing_fdm.web.openapi import describe
from tests.harness.command import pricing_fdm
from tests.shop.shops import bundled_shop, full_shop

SCHEMA = OrderRequest.model_json_schema()
COMMANDS = (Path(__file__).parent.parent / "docs" / "commands.md").read_text()
PLAIN = {"material": "pla", "infill": 20, "layer_thickness": 200}
# Of a shop with everything; as text where the field may stand in a form.
FIELDS: Mapping[str, Any] = {
    "material": "petg",
    "infill": 100,
    "quality": "fine",
    "layer_thickness": 100,
    "printer": "xl",
    "colour": "gold",
    "finishes": ["sanded"],
    "quantity": 10_000,
    "supports": "always",
    "orientation": "keep",
    "speed": "express",
    "rush": True,
    "units": "m",
    "overrides": {"wall_loops": 3},
}
DEFAULTS = {"material": "pla", "infill": 20, "layer_thickness": 200}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """With something for every field."""
    return full_shop(tmp_path_factory.mktemp("shop"))


def wanted(shop: Shop, **fields: Any) -> OrderRequest:
    """A plain request, but for these fields; one of None is left out."""
    given = {name: value for name, value in {**PLAIN, **fields}.items() if value is not None}
    return OrderRequest.model_validate_json(json.dumps(given), context=in_shop(shop))


def as_text(value: object) -> str:
    return json.dumps(value) if isinstance(value, dict) else str(value)


def changed(name: str, value: object) -> dict[str, object]:
    """The quality takes the place of the layer thickness."""
    return {name: value, **({"layer_thickness": None} if name == "quality" else {})}


@pytest.fixture(scope="module")
def help_text() -> str:
    """What `pricing-fdm quote --help` prints, its lines joined."""
    return " ".join(pricing_fdm("quote", "--help").stdout.split())


def test_every_field_is_tried() -> None:
    """A new one has a value above."""
    assert set(FIELDS) == set(OrderRequest.model_fields)


@pytest.mark.parametrize(("name", "value"), FIELDS.items())
def test_each_field_reaches_the_pipeline(shop: Shop, name: str, value: Any) -> None:
    """One that `Order` does not have would be taken and dropped."""
    assert wanted(shop, **changed(name, value)).order(shop) != wanted(shop).order(shop)


@pytest.mark.parametrize(("name", "value"), FIELDS.items())
def test_each_field_is_an_option_of_the_command_line(name: str, value: Any, help_text: str) -> None:
    """With its description, its values and its default."""
    parser, facts = argparse.ArgumentParser(), SCHEMA["properties"][name]
    add_arguments(parser)
    flag = f"--{name.replace('_', '-')}"
    text = ",".join(value) if isinstance(value, list) else as_text(value)
    given = [flag] if value is True else [flag, text]
    assert getattr(parser.parse_args(["part.stl", *given]), name) == value
    assert flag in help_text
    assert facts["description"] in help_text
    for each in SCHEMA["$defs"].get(facts.get("$ref", "").rpartition("/")[2], {}).get("enum", ()):
        assert str(each) in help_text


@pytest.mark.parametrize("name", FIELDS)
def test_each_option_stands_in_the_table_of_commands(name: str) -> None:
    """With its default, if it has one."""
    default = DEFAULTS.get(name, SCHEMA["properties"][name].get("default"))
    flag = f"--{name.replace('_', '-')}"
    value = f" {default}" if default and default is not True else ""
    assert f"[{flag}{value}" in COMMANDS


@pytest.mark.parametrize(("name", "value"), FIELDS.items())
def test_each_field_may_stand_in_a_form_and_is_kept_by_the_queue(
    shop: Shop, name: str, value: Any
) -> None:
    """What a worker reads back is what was asked for."""
    text = ",".join(value) if isinstance(value, list) else as_text(value)
    asked = order_of_texts(JobOptions, {name: text}, shop)
    record = json.loads(json.dumps(asked.record()))
    assert record[name] == value
    assert set(record) == set(OrderRequest.model_fields)
    assert OrderRequest.model_validate_json(json.dumps(record)).order(shop) == asked.order(shop)


@pytest.mark.parametrize("schema", ["QuoteRequest", "Variant", "QuoteJobRequest", "UploadForm"])
@pytest.mark.parametrize("name", FIELDS)
def test_each_field_is_described_for_every_request(name: str, schema: str) -> None:
    """A client is generated from the description."""
    schemas = describe(bundled_shop())["components"]["schemas"]
    fields = schemas[schema]["properties"]
    assert fields[name]["description"] == SCHEMA["properties"][name]["description"]


def test_all_that_a_shop_does_not_offer_is_named_at_once(shop: Shop) -> None:
    """Beside what no shop would take; and never the caller's own words."""
    with pytest.raises(ValidationError) as wrong:
        wanted(shop, material="wood", infill=5, layer_thickness=150, colour="red", speed="zzz")
    told = {error["loc"][0]: error["msg"] for error in wrong.value.errors()}
    assert told["material"] == "Value error, Input should be 'pla' or 'petg'"
    assert told["layer_thickness"] == "Value error, Input should be 200 or 100"
    assert set(told) == {"material", "infill", "layer_thickness", "speed"}
    assert "wood" not in " ".join(told.values())


def test_a_shop_that_has_changed_since_is_asked_again(shop: Shop) -> None:
    """A job may wait while its material is taken off the list."""
    kept = OrderRequest.model_validate_json(json.dumps(wanted(shop, printer="xl").record()))
    with pytest.raises(InvalidRequest) as refused:
        kept.order(bundled_shop())
    assert [fault.field for fault in refused.value.faults] == ["printer"]


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"layer_thickness": None}, "layer_thickness", "Field required"),
        ({"layer_thickness": 200.0}, "layer_thickness", "one of the integers 200, 100"),
        ({"quality": "fine"}, "layer_thickness", "give this or quality, not both"),
        ({"quality": "x", "layer_thickness": None}, "quality", "'standard' or 'fine'"),
        ({"rush": True, "speed": "overnight"}, "rush", "contradicts the speed"),
    ],
)
def test_a_quality_and_a_speed_are_named_once(
    shop: Shop, fields: dict[str, Any], field: str, told: str
) -> None:
    """Whichever of two was obeyed, the other was asked for."""
    with pytest.raises(ValidationError) as wrong:
        wanted(shop, **fields)
    assert [error["loc"][0] for error in wrong.value.errors()] == [field]
    assert told in str(wrong.value)


def test_a_material_counts_in_any_case(shop: Shop) -> None:
    """`PLA` is what people write."""
    assert wanted(shop, material="PLA").order(shop) == wanted(shop).order(shop)
    by_id = wanted(shop, quality="standard", layer_thickness=None)
    assert by_id.order(shop) == wanted(shop).order(shop)

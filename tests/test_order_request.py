"""An order is described once: what the model has, every way to order has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pricing_fdm.commands.order_options import given_fields, option_of
from pricing_fdm.commands.quote import add_arguments
from pricing_fdm.commands.usage import CommandParser
from pricing_fdm.errors import InvalidRequest
from pricing_fdm.order_request import OrderRequest, in_shop
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.web.form import order_of_texts
from pricing_fdm.web.jobs.schemas import JobOptions
from pricing_fdm.web.openapi import describe
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


def test_every_field_is_tried() -> None:
    """A new one has a value above."""
    assert set(FIELDS) == set(OrderRequest.model_fields)


@pytest.mark.parametrize(("name", "value"), FIELDS.items())
def test_each_field_reaches_the_pipeline(shop: Shop, name: str, value: Any) -> None:
    """One that `Order` does not have would be taken and dropped."""
    assert wanted(shop, **changed(name, value)).order(shop) != wanted(shop).order(shop)


@pytest.mark.parametrize(("name", "value"), FIELDS.items())
def test_each_field_is_an_option_of_the_command_line(shop: Shop, name: str, value: Any) -> None:
    """With its values and its default, and in the table of commands."""
    parser, facts = CommandParser(add_help=False), SCHEMA["properties"][name]
    add_arguments(parser)
    option = option_of(name)
    given = [option] if value is True else [option, *_typed(value)]
    assert given_fields(parser.parse_args(["part.stl", *given]), shop) == {name: value}
    shown = parser.format_help()
    assert option in shown
    for each in SCHEMA["$defs"].get(facts.get("$ref", "").rpartition("/")[2], {}).get("enum", ()):
        assert str(each) in shown
    assert re.search(rf"`{option}\b", COMMANDS)


def _typed(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{key}={setting}" for key, setting in value.items()]
    return list(value) if isinstance(value, list) else [str(value)]


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

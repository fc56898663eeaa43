"""An order is described once: what the model has, every way to order has."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.commands.quote import add_arguments
from pricing_fdm.order_request import OrderRequest
from pricing_fdm.web.form import order_of_texts
from pricing_fdm.web.jobs.schemas import JobOptions
from pricing_fdm.web.openapi import describe
from tests.harness.command import pricing_fdm

SCHEMA = OrderRequest.model_json_schema()
COMMANDS = (Path(__file__).parent.parent / "docs" / "commands.md").read_text()
PLAIN = {"material": "pla", "infill": 20, "layer_thickness": 200}


def described(name: str) -> Mapping[str, Any]:
    """A field as JSON Schema has it, with the values of its enum."""
    facts: dict[str, Any] = SCHEMA["properties"][name]
    named = facts.get("$ref", "").rpartition("/")[2]
    return {**SCHEMA["$defs"].get(named, {}), **facts}


def other_value(name: str) -> Any:
    """A right value that is not what `PLAIN` has or leaves out."""
    facts = described(name)
    if facts.get("type") == "boolean":
        return not facts["default"]
    return facts["enum"][-1] if "enum" in facts else facts.get("maximum", "another")


FIELDS = {name: other_value(name) for name in OrderRequest.model_fields}


@pytest.fixture(scope="module")
def help_text() -> str:
    """What `pricing-fdm quote --help` prints, its lines joined."""
    return " ".join(pricing_fdm("quote", "--help").stdout.split())


@pytest.mark.parametrize(("name", "value"), FIELDS.items())
def test_each_field_reaches_the_pipeline(name: str, value: Any) -> None:
    """One that `Order` does not have would be taken and dropped."""
    plain = OrderRequest.model_validate_json(json.dumps(PLAIN))
    changed = OrderRequest.model_validate_json(json.dumps({**PLAIN, name: value}))
    assert changed.order() != plain.order()


@pytest.mark.parametrize(("name", "value"), FIELDS.items())
def test_each_field_is_an_option_of_the_command_line(name: str, value: Any, help_text: str) -> None:
    """With its description, its values and its default."""
    parser, facts = argparse.ArgumentParser(), described(name)
    add_arguments(parser)
    flag = f"--{name.replace('_', '-')}"
    given = [flag] if value is True else [flag, str(value)]
    assert getattr(parser.parse_args(["part.stl", *given]), name) == value
    assert getattr(parser.parse_args(["part.stl"]), name) == facts.get("default", PLAIN.get(name))
    assert flag in help_text
    assert facts["description"] in help_text
    for each in facts.get("enum", ()):
        assert str(each) in help_text


@pytest.mark.parametrize("name", FIELDS)
def test_each_option_stands_in_the_table_of_commands(name: str) -> None:
    """With its default, if it takes a value."""
    default = described(name).get("default", PLAIN.get(name))
    value = "" if isinstance(default, bool) else f" {default}"
    assert f"[--{name.replace('_', '-')}{value}]" in COMMANDS


@pytest.mark.parametrize(("name", "value"), FIELDS.items())
def test_each_field_may_stand_in_a_form_and_is_kept_by_the_queue(name: str, value: Any) -> None:
    """What a worker reads back is what was asked for."""
    wanted = order_of_texts(JobOptions, {name: str(value)})
    record = json.loads(json.dumps(wanted.record()))
    assert record[name] == value
    assert set(record) == set(OrderRequest.model_fields)
    assert OrderRequest.model_validate_json(json.dumps(record)).order() == wanted.order()


@pytest.mark.parametrize("schema", ["QuoteRequest", "Variant", "QuoteJobRequest", "UploadForm"])
@pytest.mark.parametrize("name", FIELDS)
def test_each_field_is_described_for_every_request(name: str, schema: str) -> None:
    """A client is generated from the description."""
    described_field = describe(jobs=True)["components"]["schemas"][schema]["properties"][name]
    assert described_field["description"] == SCHEMA["properties"][name]["description"]

"""Prices and refusals, as people read them and as JSON."""

from __future__ import annotations

import json
import uuid

import pytest

from pricing_fdm.commands.price_table import Priced
from pricing_fdm.commands.quote_output import refuse, refuse_usage, write_json, write_text
from pricing_fdm.errors import FieldFault, InvalidRequest, ModelInvalid
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.web.answers import quote_response
from tests.quoting.quotes import quote as a_quote
from tests.shop.shops import bundled_shop

SHOP = bundled_shop()
BODY = quote_response(a_quote(), uuid.uuid4(), StageTimer().timing_ms())
GOOD = Priced(("a.stl",), BODY)
BAD = Priced(("b.stl",), ModelInvalid("It is empty."))


def test_json_has_the_shape_of_what_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """One quote; several files with their total; options of one file."""
    quote = BODY.model_dump(mode="json", exclude_none=True)
    write_json([GOOD], None, SHOP)
    assert json.loads(capsys.readouterr().out) == quote
    write_json([GOOD, BAD], None, SHOP)
    several = json.loads(capsys.readouterr().out)
    assert [each["file"] for each in several["files"]] == ["a.stl", "b.stl"]
    assert several["files"][1]["problem"]["code"] == "model_invalid"
    assert several["total"] == quote["price"]["total"]
    write_json([GOOD, BAD], ["speed"], SHOP)
    assert [*json.loads(capsys.readouterr().out)] == ["options"]


def test_remarks_on_all_prices_are_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Below the table, where there is room."""
    write_text([GOOD, GOOD], None, SHOP)
    told = capsys.readouterr().out
    for warning in BODY.warnings:
        assert told.count(f"all: {warning.message}") == 1


def test_a_refusal_is_a_sentence_or_a_problem(capsys: pytest.CaptureFixture[str]) -> None:
    """On the stream that its reader looks at."""
    error = InvalidRequest("Wrong: infill.", (FieldFault("infill", "must be less"),))
    assert refuse(error, as_json=False, code=2) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "--infill: must be less\n")
    refuse(error, as_json=True, code=2)
    refuse_usage(["--infill: must be less"])
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.count('"field": "infill"') == 2
    assert "request_id" not in told.out

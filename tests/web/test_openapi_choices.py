"""A request's schema offers what the shop offers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pricing_fdm.web.openapi import describe
from tests.shop.shops import bundled_shop, full_shop


def fields(described: dict[str, Any], schema: str = "QuoteRequest") -> dict[str, Any]:
    """The fields of a request's schema."""
    properties: dict[str, Any] = described["components"]["schemas"][schema]["properties"]
    return properties


def test_each_choice_is_that_of_the_shop(tmp_path: Path) -> None:
    """So a generated client and its compiler know the materials."""
    offered = fields(describe(full_shop(tmp_path)))
    assert offered["material"]["enum"] == ["pla", "petg"]
    assert offered["quality"]["enum"] == ["standard", "fine"]
    assert offered["layer_thickness"]["enum"] == [200, 100]
    assert offered["printer"]["enum"] == ["auto", "mk3s", "xl"]
    assert offered["printer"]["default"] == "auto"
    assert offered["colour"]["enum"] == ["black", "gold"]
    assert offered["finishes"]["items"]["enum"] == ["sanded", "dyed"]
    assert offered["speed"]["enum"] == ["express", "overnight"]
    assert offered["overrides"]["properties"] == {
        "wall_loops": {"type": "number", "minimum": 2, "maximum": 6},
        "brim_type": {"type": "string", "enum": ["no_brim", "outer_only"]},
    }


def test_a_job_may_name_its_layer_in_millimetres(tmp_path: Path) -> None:
    """As the original gateway did."""
    offered = fields(describe(full_shop(tmp_path)), "QuoteJobRequest")
    assert offered["layer_height"]["description"].endswith(" One of 0.2, 0.1.")


def test_a_part_of_an_order_has_the_choices_of_a_quote(tmp_path: Path) -> None:
    """But for the speed, which is the whole order's."""
    described = describe(full_shop(tmp_path))
    quote, part = fields(described), fields(described, "OrderedPart")
    for name in ("material", "quality", "layer_thickness", "printer", "colour", "finishes"):
        assert part[name] == quote[name]
    assert part["overrides"] == quote["overrides"]
    assert fields(described, "PartsRequest")["speed"] == quote["speed"]


def test_what_a_shop_does_not_have_cannot_be_chosen() -> None:
    """The bundled one has no colours and no finishes."""
    offered = fields(describe(bundled_shop()))
    assert offered["colour"]["not"] == {}
    assert offered["finishes"]["maxItems"] == 0
    assert offered["overrides"]["properties"] == {}


def test_an_answer_is_no_request(tmp_path: Path) -> None:
    """It names the material it was given, whatever the shop offers by then."""
    assert "enum" not in fields(describe(full_shop(tmp_path)), "PrintFacts")["material"]

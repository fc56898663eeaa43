"""A request for several prices is bounded, and each answer is a quote or a problem."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest
from pydantic import ValidationError

from pricing_fdm.web.openapi import describe
from pricing_fdm.web.options_schemas import MOST_VARIANTS, OptionsRequest
from tests.shop.shops import bundled_shop

VARIANT = {"material": "pla", "infill": 20, "layer_thickness": 200}
COMPONENTS = describe(bundled_shop())["components"]


def request(*variants: object) -> OptionsRequest:
    return OptionsRequest.model_validate_json(json.dumps({"file_url": "x", "variants": variants}))


def test_equal_variants_are_as_welcome_as_different_ones() -> None:
    """A shop's form sends what its customer ticked."""
    assert len(request(*[VARIANT] * MOST_VARIANTS).variants) == MOST_VARIANTS


@pytest.mark.parametrize("count", [0, MOST_VARIANTS + 1])
def test_there_is_at_least_one_variant_and_a_bounded_number(count: int) -> None:
    """Each may be a slice."""
    with pytest.raises(ValidationError):
        request(*[VARIANT] * count)


def test_a_variant_takes_every_rule_of_an_order() -> None:
    """And names the place of a fault."""
    with pytest.raises(ValidationError) as caught:
        request(VARIANT, {**VARIANT, "infill": 5})
    assert [fault["loc"] for fault in caught.value.errors()] == [("variants", 1, "infill")]


@pytest.mark.parametrize(("parts", "fits"), [((), False), (("problem",), True)])
def test_an_option_is_exactly_one_of_quote_and_problem(parts: tuple[str, ...], fits: bool) -> None:
    """A client that finds neither, or both, has nothing to show."""
    texts = dict.fromkeys(("type", "title", "detail", "code", "request_id"), "x")
    described = {"$ref": "#/components/schemas/Option", "components": COMPONENTS}
    option = {part: {**texts, "code": "model_invalid", "status": 422} for part in parts}
    assert jsonschema_rs.validator_for(described).is_valid(option) is fits

"""The description as a page for people, complete and self-contained."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pricing_fdm.errors import InvalidRequest
from pricing_fdm.order_request import in_shop
from pricing_fdm.web.docs_page import docs_page
from pricing_fdm.web.openapi import describe
from pricing_fdm.web.problems import ROUTING_CODES, STATUS, problem_body
from pricing_fdm.web.schemas import QuoteRequest
from tests.harness.service import RunningService
from tests.shop.shops import bundled_shop, small_shop

API = describe(bundled_shop())
PAGE = docs_page(API)


def test_the_page_loads_nothing_from_anywhere(service: RunningService) -> None:
    """It is read on servers without a way out, and must not call home."""
    response = service.get("/docs")
    assert response.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in response.headers["content-security-policy"]
    for loading in ("<script", "<link", "<img", "@import", "url("):
        assert loading not in response.text
    assert "model_exceeds_build_volume" in response.text


@pytest.mark.parametrize("code", [*(kind.code for kind in STATUS), *ROUTING_CODES.values()])
def test_the_type_of_a_problem_leads_to_its_explanation(code: str) -> None:
    """`type` is a link; following it is how a developer learns what a code means."""
    assert PAGE.count(f'id="{code}"') == 1
    assert problem_body(InvalidRequest("No."), "id")["type"] == "/docs#invalid_request"


def test_every_route_and_every_field_is_there() -> None:
    """A field that is not on the page is not used."""
    for path in API["paths"]:
        assert f"<code>{path}</code>" in PAGE
    for name, schema in API["components"]["schemas"].items():
        assert f"<h3>{name}</h3>" in PAGE
        for field in schema.get("properties", ()):
            assert f"<code>{field}</code>" in PAGE


def test_the_example_would_be_taken_in_any_shop(tmp_path: Path) -> None:
    """It is copied, changed a little, and sent."""
    changes = ('id = "pla"', 'id = "pla-cf"'), ("layer_thickness = 200", "layer_thickness = 250")
    for shop in (bundled_shop(), small_shop(tmp_path / "shop", *changes)):
        page = docs_page(describe(shop))
        [body] = re.findall(r"-d &#x27;(\{.*?\})&#x27;", page, flags=re.DOTALL)
        QuoteRequest.model_validate_json(body.replace("&quot;", '"'), context=in_shop(shop))


def test_the_example_of_a_gateway_that_slices_nothing_is_a_job() -> None:
    """The quote route is not there."""
    page = docs_page(describe(bundled_shop(), quotes=False))
    assert "curl -X POST http://localhost:8083/v1/jobs " in page


def test_what_the_description_says_is_text_and_never_markup() -> None:
    """A `<` in a description must not become a tag."""
    api = json.loads(json.dumps(API).replace("How many copies.", "<b>`1` & more</b>"))
    assert "&lt;b&gt;<code>1</code> &amp; more&lt;/b&gt;" in docs_page(api)

"""A wrong request is answered with every wrong field and what would be right, never with a 500."""

from __future__ import annotations

import gzip
import json
import re
import time
from typing import Any

import httpx
import pytest

from tests.harness.service import QUOTE, RunningService, order

URL = "https://models.example.com/part.stl"


def problem_of(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Asserts the one shape of all errors and returns the body."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(body)
    assert (body["status"], body["code"]) == (status, code)
    assert body["request_id"] == response.headers["x-request-id"]
    return body


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("file_url", None),
        ("file_url", ""),
        ("file_url", "https://x.example/" + "a" * 4096),
        ("material", "wood"),
        ("material", 3),
        ("material", " pla"),
        ("infill", 9),
        ("infill", 101),
        ("infill", "20"),
        ("infill", 20.0),
        ("infill", True),
        ("layer_thickness", 150),
        ("layer_thickness", "200"),
        ("layer_thickness", 200.0),
        ("layer_thickness", True),
        ("quantity", 0),
        ("quantity", -1),
        ("quantity", 1.5),
        ("quantity", 10_001),
        ("quantity", None),
        ("supports", "maybe"),
        ("orientation", "upright"),
        ("units", "feet"),
    ],
    ids=str,
)
def test_a_wrong_value_is_named_with_its_field_b13(
    service: RunningService, field: str, value: object
) -> None:
    """B13: strict types; a number in quotes is a mistake, not a number."""
    body = problem_of(service.post(order(URL, **{field: value})), 400, "invalid_request")
    assert [error["field"] for error in body["errors"]] == [field]
    assert body["errors"][0]["message"]
    assert field in body["detail"]


@pytest.mark.parametrize("field", ["file_url", "material", "infill", "layer_thickness"])
def test_a_missing_field_is_named(service: RunningService, field: str) -> None:
    """What ADR-010 asks for has no silent default."""
    request = order(URL)
    del request[field]
    body = problem_of(service.post(request), 400, "invalid_request")
    assert [error["field"] for error in body["errors"]] == [field]


def test_all_wrong_fields_are_named_at_once(service: RunningService) -> None:
    """A developer corrects his client once, not four times."""
    request = {"material": "wood", "infill": 5, "layer_thickness": 1, "shade": "red"}
    body = problem_of(service.post(request), 400, "invalid_request")
    fields = {error["field"] for error in body["errors"]}
    assert fields == {"file_url", "material", "infill", "layer_thickness", "shade"}


def test_no_value_of_the_caller_is_repeated_h7(service: RunningService) -> None:
    """H7: an error text that repeats input carries script into somebody's console."""
    canary = "<script>canary</script>"
    request = {
        "file_url": f"gopher://{canary}",
        "material": canary,
        "infill": canary,
        "layer_thickness": canary,
        "quantity": canary,
        "supports": canary,
        "units": canary,
        canary: canary,
    }
    assert "canary" not in service.post(request).text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"infill": NaN}',
        b'{"infill": 1' + b"0" * 400 + b"}",
        b"[" * 20_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    ],
    ids=["empty", "cut", "list", "null", "text", "not utf-8", "NaN", "10^400", "deep list", "deep"],
)
def test_a_body_that_is_no_object_is_refused_b13(service: RunningService, content: bytes) -> None:
    """B13: malformed JSON is a 500 in bare Starlette."""
    response = httpx.post(
        f"{service.base_url}{QUOTE}",
        content=content,
        headers={"Content-Type": "application/json"},
        trust_env=False,
    )
    problem_of(response, 400, "invalid_request")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_that_is_not_json_is_refused(service: RunningService, media_type: str) -> None:
    """A form post from a browser on some page must not get through either."""
    response = httpx.post(
        f"{service.base_url}{QUOTE}",
        content=b"{}",
        headers={"Content-Type": media_type},
        trust_env=False,
    )
    problem = problem_of(response, 415, "unsupported_media_type")
    assert {"application/json", "multipart/form-data"} <= set(
        re.findall(r"\w+/[\w-]+", problem["detail"])
    )


def test_a_route_for_json_alone_names_no_form(service: RunningService) -> None:
    """An order has its files as uploads: a form is refused, and the refusal does not offer one."""
    response = httpx.post(f"{service.base_url}/v1/order", files={"file": b"x"}, trust_env=False)
    problem = problem_of(response, 415, "unsupported_media_type")
    assert problem["detail"] == "Send the request as application/json."


def post_json(
    service: RunningService, content: bytes, headers: dict[str, str] | None = None
) -> httpx.Response:
    return httpx.post(
        f"{service.base_url}{QUOTE}",
        content=content,
        headers={"Content-Type": "application/json", **(headers or {})},
        trust_env=False,
    )


def test_json_with_a_byte_order_mark_is_read(service: RunningService) -> None:
    """Windows editors and PowerShell write one; what is wrong is told as without it."""
    content = b"\xef\xbb\xbf" + json.dumps(order(URL, material="wood")).encode()
    body = problem_of(post_json(service, content), 400, "invalid_request")
    assert [error["field"] for error in body["errors"]] == ["material"]


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ('"material": "abs"', "material"),
        ('"material": "pla"', "material"),
        ('"<b>": 1, "<b>": 2', "(unknown field)"),
        ('"notes": [{"a": 1, "a": 1}]', "a"),
    ],
    ids=["another value", "the same value", "markup", "deeper"],
)
def test_a_name_given_twice_is_refused(service: RunningService, extra: str, field: str) -> None:
    """Parsers differ on which one counts, and so would those who log or check the request."""
    content = f"{json.dumps(order(URL))[:-1]}, {extra}}}".encode()
    body = problem_of(post_json(service, content), 400, "invalid_request")
    assert body["errors"] == [{"field": field, "message": "It is given twice."}]


def test_many_names_take_no_longer_than_their_number(service: RunningService) -> None:
    """A body of nothing but short names."""
    names = ",".join(f'"{number:x}":0' for number in range(7_000))
    started_s = time.monotonic()
    problem_of(post_json(service, f"{{{names}}}".encode()), 400, "invalid_request")
    assert time.monotonic() - started_s < 10


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "gzip, identity"])
@pytest.mark.parametrize("media_type", ["application/json", "multipart/form-data; boundary=x"])
def test_a_compressed_request_is_refused(
    service: RunningService, coding: str, media_type: str
) -> None:
    """Not read as if it were damaged JSON."""
    headers = {"Content-Type": media_type, "Content-Encoding": coding}
    response = post_json(service, gzip.compress(json.dumps(order(URL)).encode()), headers)
    body = problem_of(response, 415, "unsupported_media_type")
    assert "Content-Encoding" in body["detail"]


@pytest.mark.parametrize("declares_length", [True, False], ids=["declared", "counted"])
def test_a_long_body_is_refused_b1(service: RunningService, declares_length: bool) -> None:
    """B1: 64 KiB and one byte, with and without a length header."""
    content = b'{"file_url": "' + b"a" * (64 * 1024)
    body = content if declares_length else (content[i : i + 4096] for i in range(0, 70_000, 4096))
    response = httpx.post(
        f"{service.base_url}{QUOTE}",
        content=body,
        headers={"Content-Type": "application/json"},
        trust_env=False,
    )
    problem_of(response, 413, "body_too_large")

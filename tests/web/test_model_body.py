"""A model that comes with the request itself: the same prices, errors and limits as one by URL."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.harness.origin import Origin, hanging
from tests.harness.puppet import install_fake_prusa
from tests.harness.service import (
    OPTIONS,
    PLAIN,
    QUOTE,
    RunningService,
    order,
    running_service,
    variant,
)
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.web.accounts import gauge

CUBE = binary_stl(box(20, 20, 20))
FIELDS = {"material": "pla", "infill": "20", "layer_thickness": "200"}
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="part.stl"\r\n\r\n'
FORM = {"Content-Type": "multipart/form-data; boundary=x"}


def post(
    service: RunningService,
    fields: dict[str, str],
    content: bytes | None = CUBE,
    path: str = QUOTE,
    **options: Any,
) -> httpx.Response:
    """Posts a form as curl -F does; without `content` it has no file."""
    file = {"other": (None, b"")} if content is None else {"file": ("part.stl", content)}
    url = f"{service.base_url}{path}"
    return httpx.post(url, files=file, data=fields, **{**PLAIN, **options})


@pytest.fixture(scope="module")
def small(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service with tight limits and the puppet in the slicer's place."""
    environment = {
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path_factory.mktemp("slicer"))),
        "MAX_FILE_SIZE_MB": "1",
        "UPLOAD_PLACES": "1",
        "UPLOAD_TIMEOUT_SECS": "20",
        **origin.environment,
    }
    with running_service(environment) as service:
        yield service


def test_a_form_prices_as_a_url_does_from_the_same_cache(
    service: RunningService, origin: Origin
) -> None:
    """Equal bytes are one slice, whichever way they came."""
    by_form = post(service, {**FIELDS, "infill": "41", "quantity": "3", "rush": "true"})
    assert by_form.status_code == 200, by_form.text
    url = origin.serve("form.stl", CUBE)
    by_url = service.post(order(url, infill=41, quantity=3, rush=True)).json()
    varying = {"quote_id", "timing_ms", "cached"}
    assert {k: v for k, v in by_form.json().items() if k not in varying} == {
        k: v for k, v in by_url.items() if k not in varying
    }
    assert (by_form.json()["cached"], by_url["cached"]) == (False, True)
    assert set(by_form.json()["timing_ms"]) == set(by_url["timing_ms"])
    assert service.leftovers() == []


def test_a_form_prices_one_part_in_several_ways(service: RunningService) -> None:
    """The variants stand in the form as JSON text."""
    variants = [variant(), variant(quantity=5), variant(infill=30)]
    answer = post(service, {"variants": json.dumps(variants)}, path=OPTIONS)
    assert answer.status_code == 200, answer.text
    totals = [option["quote"]["total_usd"] for option in answer.json()["options"]]
    assert len(set(totals)) == 3
    assert service.leftovers() == []


@pytest.mark.parametrize(
    ("form", "status", "field"),
    [
        (({**FIELDS, "infill": "lots"}, CUBE, QUOTE), 400, "infill"),
        (({"material": "pla", "infill": "20"}, CUBE, QUOTE), 400, "layer_thickness"),
        (({**FIELDS, "colour": "blue"}, CUBE, QUOTE), 400, "colour"),
        (({**FIELDS, "file_url": "https://example.com/x"}, CUBE, QUOTE), 400, "file_url"),
        ((FIELDS, None, QUOTE), 400, "file"),
        ((FIELDS, b"Dear print shop", QUOTE), 422, None),
        ((FIELDS, CUBE, OPTIONS), 400, "variants"),
        (({"variants": "[[[[["}, CUBE, OPTIONS), 400, "variants"),
        (({"variants": '[], "file_url": ""'}, CUBE, OPTIONS), 400, "variants"),
        (({"variants": "[" * 8000}, CUBE, OPTIONS), 400, "variants"),
        (({"variants": '[{"material": "pla"}]'}, CUBE, OPTIONS), 400, "variants.0.infill"),
    ],
)
def test_what_is_wrong_with_a_form_is_told_as_for_json(
    small: RunningService, form: tuple[Any, ...], status: int, field: str | None
) -> None:
    """The same codes, with the wrong field named; and nothing stays on disk."""
    answer = post(small, *form)
    assert answer.status_code == status, answer.text
    if field is not None:
        assert field in {fault["field"] for fault in answer.json()["errors"]}
    assert small.leftovers() == []


def test_a_file_that_is_declared_too_large_is_refused_before_it_is_read(
    small: RunningService,
) -> None:
    """413 comes while the body has not."""
    connection = http.client.HTTPConnection(urlsplit(small.base_url).netloc, timeout=30)
    connection.putrequest("POST", QUOTE)
    connection.putheader("Content-Type", FORM["Content-Type"])
    connection.putheader("Content-Length", str(50 * 1024 * 1024))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_file_that_turns_out_too_large_is_refused_while_it_is_read(
    small: RunningService,
) -> None:
    """No length is declared, so bytes are counted."""

    def body() -> Iterator[bytes]:
        yield HEAD
        for _ in range(64):
            yield bytes(65536)
        yield b"\r\n--x--\r\n"

    answer = httpx.post(f"{small.base_url}{QUOTE}", content=body(), headers=FORM, **PLAIN)
    assert (answer.status_code, answer.json()["code"]) == (413, "model_too_large")
    assert small.leftovers() == []


def test_uploads_at_once_are_bounded_and_one_that_is_broken_off_leaves_nothing(
    small: RunningService,
) -> None:
    """UPLOAD_PLACES counts those of every route; a caller who hangs up frees his."""
    connection = http.client.HTTPConnection(urlsplit(small.base_url).netloc, timeout=30)
    connection.putrequest("POST", QUOTE)
    connection.putheader("Content-Type", FORM["Content-Type"])
    connection.putheader("Content-Length", "100000")
    connection.endheaders(HEAD + b"solid")
    wait_until(lambda: small.leftovers() != [])
    refused = post(small, FIELDS)
    assert (refused.status_code, refused.json()["code"]) == (503, "uploads_full")
    assert int(refused.headers["retry-after"]) > 0
    connection.close()
    wait_until(lambda: small.leftovers() == [])
    assert post(small, FIELDS).status_code == 200


def test_a_form_is_refused_before_it_is_read_when_no_place_is_free(
    origin: Origin, tmp_path: Path
) -> None:
    """Nobody sends 100 MB to be told that the queue was full all along."""
    until = threading.Event()
    origin.behaviours["/form-hangs"] = hanging(until)
    environment = {
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path)),
        "SLICE_CONCURRENCY": "1",
        "QUEUE_PLACES": "0",
        **origin.environment,
    }
    with (
        running_service(environment) as service,
        service.leaving(order(origin.url("form-hangs")), "first"),
    ):
        wait_until(
            lambda: gauge(service, "queue_depth") + gauge(service, "slices_in_progress") == 1
        )
        connection = http.client.HTTPConnection(urlsplit(service.base_url).netloc, timeout=30)
        connection.putrequest("POST", QUOTE)
        connection.putheader("Content-Type", FORM["Content-Type"])
        connection.putheader("Content-Length", "100000")
        connection.endheaders()
        answer = connection.getresponse()
        assert (answer.status, b"queue_full" in answer.read()) == (503, True)
        connection.close()
        until.set()

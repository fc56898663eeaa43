"""A request that is sent again under its key has its answer again, with and without Redis."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.redis_server import running_redis
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

CUBE = binary_stl(box(20, 20, 20))
FIELDS = {"material": "pla", "infill": "20", "layer_thickness": "200"}


def keyed(key: str) -> dict[str, Any]:
    return {"headers": {"Idempotency-Key": key}}


def post_form(service: RunningService, content: bytes, key: str) -> httpx.Response:
    url, file = f"{service.base_url}{QUOTE}", {"file": ("part.stl", content)}
    return httpx.post(url, files=file, data=FIELDS, **keyed(key), **PLAIN)


@pytest.fixture(scope="module")
def environment(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    slicer = install_fake_prusa(tmp_path_factory.mktemp("slicer"))
    return {**origin.environment, "PRUSA_BINARY": str(slicer)}


@pytest.fixture(scope="module", params=["memory", "redis"])
def keeping(
    request: pytest.FixtureRequest, environment: dict[str, str]
) -> Iterator[tuple[RunningService, RunningService]]:
    """Two gateways of one Redis, or a service alone."""
    if request.param == "memory":
        with running_service(environment) as service:
            yield service, service
        return
    with running_redis() as redis:
        shared = {**environment, "REDIS_URL": redis.new_url()}
        with running_service(shared) as one, running_service(shared) as other:
            yield one, other


@pytest.fixture(scope="module")
def cube(origin: Origin) -> str:
    return origin.serve("keyed.stl", CUBE)


Keeping = tuple[RunningService, RunningService]


def test_a_repeated_quote_is_the_same_quote(keeping: Keeping, cube: str) -> None:
    """To the last byte, its id and its times; another request under the key is refused."""
    one, other = keeping
    first = one.post(order(cube), **keyed("quote"))
    again = other.post(order(cube), **keyed("quote"))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert one.post(order(cube)).json()["quote_id"] != first.json()["quote_id"]
    refused = other.post(order(cube, infill=30), **keyed("quote"))
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_conflict")
    assert other.line_of(again.headers["x-request-id"])["repeated"] is True


def test_requests_at_the_same_time_have_one_answer(keeping: Keeping, cube: str) -> None:
    """A client that lost patience sends it again while it is being priced."""
    with ThreadPoolExecutor(8) as callers:
        asked = [
            callers.submit(keeping[number % 2].post, order(cube, infill=55), **keyed("at-once"))
            for number in range(8)
        ]
        assert {each.result().status_code for each in asked} == {200}
        assert len({each.result().json()["quote_id"] for each in asked}) == 1


def test_a_form_is_known_by_the_content_of_its_file(keeping: Keeping) -> None:
    """It has no URL; another file under the key is another request."""
    one, other = keeping
    first, again = post_form(one, CUBE, "form"), post_form(other, CUBE, "form")
    assert first.status_code == 200, first.text
    assert first.json() == again.json()
    refused = post_form(other, binary_stl(box(9, 9, 9)), "form")
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_conflict")


def test_several_prices_are_kept_as_one_answer(keeping: Keeping, cube: str) -> None:
    """With the problems of variants that would fail again; a key belongs to one route."""
    one, other = keeping
    ways = [variant(), variant(units="m")]
    first = one.options(cube, *ways, **keyed("options"))
    assert [set(option) for option in first.json()["options"]] == [{"quote"}, {"problem"}]
    assert other.options(cube, *ways, **keyed("options")).content == first.content
    assert other.post(order(cube), **keyed("options")).status_code == 422


def test_a_failure_is_not_kept(keeping: Keeping, origin: Origin) -> None:
    """The reason for which it is sent again has passed."""
    one, other = keeping
    url = origin.url("comes-later.stl")
    origin.files.pop("/comes-later.stl", None)  # served to the other mode before
    assert one.post(order(url), **keyed("later")).status_code == 400
    origin.serve("comes-later.stl", CUBE)
    assert other.post(order(url), **keyed("later")).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ä"])
@pytest.mark.parametrize("path", [QUOTE, OPTIONS])
def test_what_is_no_key_is_refused(keeping: Keeping, path: str, key: str) -> None:
    """400, before anything is read."""
    answer = httpx.post(
        f"{keeping[0].base_url}{path}",
        json={},
        headers=[(b"Idempotency-Key", key.encode())],
        **PLAIN,
    )
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]


def test_a_promise_that_cannot_be_kept_is_not_made(environment: dict[str, str], cube: str) -> None:
    """Without Redis nobody can say whether the request was answered before; others go on."""
    with (
        running_redis() as redis,
        running_service({**environment, "REDIS_URL": redis.new_url()}) as service,
    ):
        assert service.post(order(cube)).status_code == 200
        redis.process.send_signal(signal.SIGSTOP)
        try:
            refused = service.post(order(cube), **keyed("away"))
            assert (refused.status_code, refused.json()["code"]) == (503, "queue_unavailable")
            assert service.post(order(cube)).status_code == 200
        finally:
            redis.process.send_signal(signal.SIGCONT)


def test_an_answer_is_json_as_it_was_sent(keeping: Keeping, cube: str) -> None:
    """Figures are not changed by having been kept."""
    first = keeping[0].post(order(cube, infill=61), **keyed("figures"))
    again = keeping[1].post(order(cube, infill=61), **keyed("figures"))
    assert json.loads(first.text) == json.loads(again.text)

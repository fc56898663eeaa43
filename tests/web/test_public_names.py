"""A route is the same under its public name and under the name that it had first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from pricing_fdm.web import paths
from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.service import PLAIN, RunningService, order, running_service
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.web.accounts import requests_with

TOKEN, ADMIN = "a-token-of-thirty-two-characters", "an-admin-token-of-thirty-two-chars"
AUTHORIZED = {"headers": {"Authorization": f"Bearer {TOKEN}"}}
ROUTES = [path for path in vars(paths).values() if isinstance(path, str) and "/" in path]
NAMED_TWICE = sorted(path for path in ROUTES if paths.public_name(path) != path)
QUOTE, UPLOAD = paths.QUOTE_PATH, paths.UPLOAD_PATH
CUBE = binary_stl(box(20, 20, 20))


@pytest.fixture(scope="module")
def guarded(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that wants tokens, with a slicer that answers at once."""
    slicer = install_fake_prusa(tmp_path_factory.mktemp("slicer"))
    environment = {"API_TOKEN": TOKEN, "ADMIN_TOKEN": ADMIN, "PRUSA_BINARY": str(slicer)}
    with running_service({**origin.environment, **environment}) as service:
        yield service


def call(service: RunningService, path: str, method: str = "POST", **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {more.pop('token', TOKEN)}", **more.pop("headers", {})}
    return httpx.request(method, service.base_url + path, headers=headers, **more, **PLAIN)


@pytest.mark.parametrize("route", NAMED_TWICE)
def test_both_names_ask_for_the_same_token(route: str, guarded: RunningService) -> None:
    """A second name must be no second door."""
    for name in paths.names_of(route):
        path = name.format(job_id="none", name="none")
        needs = TOKEN
        if paths.admin_action({"path": route, "method": "GET"}):
            needs = ADMIN
            assert call(guarded, path, "GET", token=TOKEN).status_code == 401
        assert httpx.get(guarded.base_url + path, **PLAIN).status_code == 401
        assert call(guarded, path, "GET", token=needs).status_code in {200, 404, 405}


def test_a_quote_is_repeated_counted_and_logged_under_one_name(
    guarded: RunningService, origin: Origin
) -> None:
    """A caller who moves to the other name in between loses no answer and pays no second slice."""
    wanted = order(origin.serve("both-names.stl", CUBE))
    key = {"Idempotency-Key": "both"}
    before = requests_with(guarded, 200, **AUTHORIZED)
    answers = [
        call(guarded, name, json=wanted, headers={**key, "X-Request-ID": f"by-name-{number}"})
        for number, name in enumerate(paths.names_of(QUOTE))
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    lines = [guarded.line_of(answer.headers["x-request-id"]) for answer in answers]
    assert [line["route"] for line in lines] == [QUOTE, QUOTE]
    assert requests_with(guarded, 200, **AUTHORIZED) - before == 2


def test_a_job_is_told_of_by_the_name_that_was_called(guarded: RunningService) -> None:
    """And is the same job by both."""
    told = set()
    for upload, status in zip(
        paths.names_of(UPLOAD), paths.names_of(paths.STATUS_PATH), strict=True
    ):
        file, key = {"file": ("part.stl", CUBE)}, {"Idempotency-Key": "job"}
        accepted = call(guarded, upload, files=file, headers=key)
        assert accepted.status_code == 202
        job_id, address = accepted.json()["job_id"], accepted.headers["location"]
        assert address == status.format(job_id=job_id)
        assert address in accepted.json()["message"]
        wait_until(lambda: call(guarded, address, "GET").json()["status"] == "completed")  # noqa: B023
        told.add(call(guarded, address, "GET").text)
    assert len(told) == 1

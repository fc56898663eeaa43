"""What a receiver gets, and which answers count. respx answers in place of the connection."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json

import httpcore
import pytest
import respx
from structlog.testing import capture_logs

from pricing_fdm.fetch.policy import FetchPolicy
from pricing_fdm.fetch.post import Poster
from pricing_fdm.jobs.record import Job, JobState
from pricing_fdm.telemetry import logs
from pricing_fdm.web.jobs.callback import SIGNATURE_HEADER, SignedCallbacks

URL = "https://shop.example/hook?token=CANARY"
SECRET = "shared with the receiver"
FAILED = Job(
    id="7",
    state=JobState.FAILED,
    problem={"code": "model_invalid"},
)


def deliver(url: str = URL) -> bool:
    """Deliver once, at second 1000 since 1970."""
    callbacks = SignedCallbacks(Poster(FetchPolicy()), SECRET, clock=lambda: 1000.9)
    return asyncio.run(callbacks.deliver(url, FAILED))


@respx.mock
def test_the_status_is_posted_and_its_signature_holds() -> None:
    """A receiver computes it over the seconds and the very bytes that came."""
    hook = respx.post(URL).respond(204)
    assert deliver()
    sent = hook.calls.last.request
    assert json.loads(sent.content) == {
        "job_id": "7",
        "status": "failed",
        "data": {"error": {"code": "model_invalid"}},
    }
    mac = hmac.new(SECRET.encode(), b"1000." + sent.content, hashlib.sha256).hexdigest()
    assert sent.headers[SIGNATURE_HEADER] == f"t=1000,v1={mac}"
    assert sent.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "taken"),
    [(200, True), (204, True), (299, True), (199, False), (302, False), (404, False), (500, False)],
)
@respx.mock
def test_only_a_success_says_that_the_receiver_took_it(status: int, taken: bool) -> None:
    """Everything else is tried again later; a redirect is not followed."""
    hook = respx.post(URL).respond(status, headers={"Location": "https://elsewhere.example/"})
    assert deliver() is taken
    assert hook.call_count == 1


@pytest.mark.parametrize(
    ("url", "outcome"), [(URL, "stalled"), ("http://169.254.169.254/CANARY", "scheme")]
)
@respx.mock
def test_a_failure_is_logged_by_its_outcome_and_without_the_url(url: str, outcome: str) -> None:
    """F4: the token of a callback URL is as secret as a presigned URL."""
    respx.post(URL).mock(side_effect=httpcore.ReadTimeout("CANARY"))
    with capture_logs() as events:
        assert not deliver(url)
    (event,) = events
    assert (event["event"], event["verdict"]) == (logs.CALLBACK_FAILED, outcome)
    assert "CANARY" not in repr(event)

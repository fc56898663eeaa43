"""Each request has one id, by which both sides find the same line."""

from __future__ import annotations

import pytest

from tests.harness.service import RunningService


def test_a_harmless_id_of_the_caller_is_kept_h3(service: RunningService) -> None:
    """H3: in the header, the problem body and the log."""
    response = service.post({}, headers={"X-Request-ID": "upstream-42"})
    assert response.headers["x-request-id"] == response.json()["request_id"] == "upstream-42"
    assert service.line_of("upstream-42")["error_type"] == "invalid_request"


@pytest.mark.parametrize("harmful", ["", "a" * 129, "with space", "semi;colon"])
def test_any_other_id_is_replaced_h3(service: RunningService, harmful: str) -> None:
    """H3: it goes into logs, where it could forge a line or flood one."""
    response = service.post({}, headers={"X-Request-ID": harmful})
    request_id = response.headers["x-request-id"]
    assert request_id not in ("", harmful)
    assert response.json()["request_id"] == request_id

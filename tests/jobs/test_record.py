"""The values of a job: which states end it, and that no secret stands in a text of them."""

from __future__ import annotations

import pytest

from pricing_fdm.jobs.record import (
    Idempotency,
    JobRequest,
    JobSource,
    JobState,
    SourceKind,
)

LINK = "https://bucket.example/part.stl?X-Amz-Signature=secret"


@pytest.mark.parametrize(
    ("state", "ended"),
    [("queued", False), ("processing", False), ("completed", True), ("failed", True)],
)
def test_a_job_ends_completed_or_failed(state: str, ended: bool) -> None:
    """Event streams and pages wait for one of the two."""
    assert JobState(state).ended is ended


def test_no_secret_of_a_job_stands_in_its_text() -> None:
    """A value that is logged by mistake gives no link, no callback and no key away."""
    request = JobRequest(
        {"material": "pla"}, JobSource(SourceKind.URL, LINK), callback_url=f"{LINK}&callback"
    )
    described = repr((request, Idempotency("my-secret-key", "fingerprint")))
    assert "secret" not in described
    assert "pla" in described

from __future__ import annotations

import pytest

from pricing_fdm.errors import (
    DownloadFailed,
    PricingError,
    SourceError,
    SourceFailed,
    SourceRefused,
)
from pricing_fdm.fetch.failures import (
    bad_status,
    broken,
    disk_full,
    encoded,
    no_tls,
    refused,
    too_large,
    too_slow,
    unreachable,
)
from pricing_fdm.fetch.verdict import Verdict

SECRET = "secret-for-the-log"
ALL: list[PricingError] = [
    refused(Verdict.PORT, SECRET),
    unreachable(Verdict.UNREACHABLE, SECRET),
    no_tls(SECRET),
    too_slow(Verdict.TIMEOUT, SECRET),
    broken(Verdict.TRUNCATED, SECRET),
    encoded(SECRET),
    bad_status(404, SECRET),
    bad_status(503, SECRET),
    too_large(104_857_600, SECRET),
    disk_full(SECRET),
]


@pytest.mark.parametrize("error", ALL, ids=lambda error: f"{error.code}: {error.detail[-24:]}")
def test_the_log_detail_is_not_in_what_the_caller_reads(error: PricingError) -> None:
    """A10: vague outward, precise inward."""
    assert error.log_detail == SECRET
    assert SECRET not in f"{error} {error!r} {error.detail} {error.title}"


@pytest.mark.parametrize(
    ("status", "kind", "verdict", "named"),
    [
        (300, SourceRefused, Verdict.REDIRECT, None),
        (302, SourceRefused, Verdict.REDIRECT, None),
        (399, SourceRefused, Verdict.REDIRECT, None),
        (400, DownloadFailed, Verdict.ORIGIN_4XX, "400 Bad Request"),
        (403, DownloadFailed, Verdict.ORIGIN_4XX, "403 Forbidden"),
        (499, DownloadFailed, Verdict.ORIGIN_4XX, "499"),
        (500, SourceFailed, Verdict.ORIGIN_5XX, "500 Internal Server Error"),
        (599, SourceFailed, Verdict.ORIGIN_5XX, "599"),
        (101, SourceFailed, Verdict.ORIGIN_STATUS, "101 Switching Protocols"),
        (204, SourceFailed, Verdict.ORIGIN_STATUS, "204 No Content"),
        (206, SourceFailed, Verdict.ORIGIN_STATUS, "206 Partial Content"),
        (600, SourceFailed, Verdict.ORIGIN_STATUS, "600"),
    ],
)
def test_each_status_has_its_error(
    status: int, kind: type[SourceError], verdict: Verdict, named: str | None
) -> None:
    """The caller must see whether his link is dead (4xx) or his store is (5xx)."""
    error = bad_status(status, "")
    assert type(error) is kind
    assert error.verdict is verdict
    if named is not None:
        assert error.detail.startswith(f"Failed to download the model: its host answered {named}.")


def test_a_10_unresolvable_and_unreachable_read_the_same() -> None:
    """A10: otherwise the service tells which internal names exist."""
    assert (
        unreachable(Verdict.UNRESOLVABLE, "a").detail
        == unreachable(Verdict.UNREACHABLE, "b").detail
    )


def test_the_size_limit_is_named_in_mebibytes() -> None:
    """It is the one figure the caller needs to mend his file."""
    assert "larger than the 100 MiB" in too_large(100 * 1024 * 1024, "").detail
    assert "larger than the 0.5 MiB" in too_large(512 * 1024, "").detail

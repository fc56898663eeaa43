from __future__ import annotations

import string

import pytest

from pricing_fdm.errors import (
    DownloadFailed,
    ModelTooLarge,
    PricingError,
    SourceError,
    SourceFailed,
    SourceRefused,
    SourceTimeout,
)
from pricing_fdm.fetch.outcomes import FetchOutcome, bad_status, failure

SECRET = "secret-for-the-log"
KINDS: dict[type[PricingError], set[FetchOutcome]] = {
    SourceTimeout: {
        *(FetchOutcome.RESOLVER_TIMEOUT, FetchOutcome.CONNECT_TIMEOUT),
        *(FetchOutcome.STALLED, FetchOutcome.TOO_SLOW, FetchOutcome.TIMEOUT),
    },
    DownloadFailed: {
        *(FetchOutcome.UNRESOLVABLE, FetchOutcome.UNREACHABLE, FetchOutcome.TLS),
        *(FetchOutcome.ENCODED, FetchOutcome.ORIGIN_4XX),
    },
    SourceFailed: {
        *(FetchOutcome.BAD_RESPONSE, FetchOutcome.TRUNCATED),
        *(FetchOutcome.ORIGIN_5XX, FetchOutcome.ORIGIN_STATUS),
    },
    ModelTooLarge: {FetchOutcome.TOO_LARGE},
}


def test_every_outcome_is_a_plain_metric_label() -> None:
    """The values become label values; dashboards and alerts are written against them."""
    allowed = set(string.ascii_lowercase + string.digits + "_")
    assert all(allowed.issuperset(outcome.value) for outcome in FetchOutcome)
    assert all(outcome.value == outcome.name.lower() for outcome in FetchOutcome)


@pytest.mark.parametrize("outcome", FetchOutcome)
def test_each_outcome_has_its_error_and_the_caller_reads_nothing_of_the_log(
    outcome: FetchOutcome,
) -> None:
    """A10: vague outward, precise inward. What is not named here is a refusal by policy."""
    error = failure(outcome, SECRET, status="404", max_mib=100)
    kinds = [kind for kind, outcomes in KINDS.items() if outcome in outcomes]
    assert [type(error)] == (kinds or [SourceRefused])
    assert (error.outcome, error.log_detail) == (outcome, SECRET)
    assert SECRET not in f"{error} {error!r} {error.detail} {error.title}"


@pytest.mark.parametrize(
    ("status", "kind", "outcome", "named"),
    [
        (300, SourceRefused, FetchOutcome.REDIRECT, None),
        (302, SourceRefused, FetchOutcome.REDIRECT, None),
        (399, SourceRefused, FetchOutcome.REDIRECT, None),
        (400, DownloadFailed, FetchOutcome.ORIGIN_4XX, "400 Bad Request"),
        (403, DownloadFailed, FetchOutcome.ORIGIN_4XX, "403 Forbidden"),
        (499, DownloadFailed, FetchOutcome.ORIGIN_4XX, "499"),
        (500, SourceFailed, FetchOutcome.ORIGIN_5XX, "500 Internal Server Error"),
        (599, SourceFailed, FetchOutcome.ORIGIN_5XX, "599"),
        (101, SourceFailed, FetchOutcome.ORIGIN_STATUS, "101 Switching Protocols"),
        (204, SourceFailed, FetchOutcome.ORIGIN_STATUS, "204 No Content"),
        (206, SourceFailed, FetchOutcome.ORIGIN_STATUS, "206 Partial Content"),
        (600, SourceFailed, FetchOutcome.ORIGIN_STATUS, "600"),
    ],
)
def test_each_status_has_its_error(
    status: int, kind: type[SourceError], outcome: FetchOutcome, named: str | None
) -> None:
    """The caller must see whether his link is dead (4xx) or his store is (5xx)."""
    error = bad_status(status, "")
    assert type(error) is kind
    assert error.outcome is outcome
    if named is not None:
        assert error.detail.startswith(f"Failed to download the model: its host answered {named}.")


POLICY = (
    *(FetchOutcome.URL_TOO_LONG, FetchOutcome.BAD_URL, FetchOutcome.SCHEME, FetchOutcome.USER_PART),
    *(FetchOutcome.ODD_HOST, FetchOutcome.PORT, FetchOutcome.HOST_NOT_LISTED),
    FetchOutcome.REDIRECT,
)


def test_what_is_wrong_with_the_url_is_told_each_in_its_own_words() -> None:
    """It is the caller's own text; "not allowed" alone sends him to the operator."""
    details = {outcome: failure(outcome, "").detail for outcome in POLICY}
    assert len(set(details.values())) == len(POLICY)
    for outcome, word in {
        FetchOutcome.SCHEME: "scheme",
        FetchOutcome.PORT: "port",
        FetchOutcome.HOST_NOT_LISTED: "host",
        FetchOutcome.REDIRECT: "redirect",
    }.items():
        assert word in details[outcome]


def test_a10_no_kind_of_address_is_told_from_another() -> None:
    """A10: the same words for a private, a loopback and a metadata address."""
    refused = [each for each in FetchOutcome if each.value.startswith("address_")]
    assert len(refused) > 5
    assert len({failure(outcome, "").detail for outcome in refused}) == 1


def test_a_10_unresolvable_and_unreachable_read_the_same() -> None:
    """A10: otherwise the service tells which internal names exist."""
    unresolvable, unreachable = FetchOutcome.UNRESOLVABLE, FetchOutcome.UNREACHABLE
    assert failure(unresolvable, "a").detail == failure(unreachable, "b").detail


def test_the_size_limit_is_named_in_mebibytes() -> None:
    """It is the one figure the caller needs to mend his file."""
    for max_mib, named in ((100.0, "100 MiB"), (0.5, "0.5 MiB")):
        error = failure(FetchOutcome.TOO_LARGE, "", max_mib=max_mib)
        assert f"larger than the {named}" in error.detail

"""Every outcome of a download, for log and metric, and the error that the caller gets for it.

The caller learns less than the log. Refusals of an address share one sentence, and a name that does
not resolve looks like a host that does not answer: otherwise callers could map the network behind
the service. What is wrong with the text of his URL, or a redirect, he may know.
No sentence repeats a text of the origin, which can quote our own request, signature included.
"""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus

from pricing_fdm import errors


class FetchOutcome(StrEnum):
    """Why a download went on or ended: the label values of `pricing_fdm_source_verdicts_total`."""

    OK = "ok"

    # The text of the URL, before any name is resolved.
    URL_TOO_LONG = "url_too_long"
    BAD_URL = "bad_url"
    SCHEME = "scheme"
    USER_PART = "user_part"
    ODD_HOST = "odd_host"
    PORT = "port"
    HOST_NOT_LISTED = "host_not_listed"

    # The name.
    UNRESOLVABLE = "unresolvable"
    RESOLVER_TIMEOUT = "resolver_timeout"

    # The address.
    ADDRESS_METADATA = "address_metadata"
    ADDRESS_UNSPECIFIED = "address_unspecified"
    ADDRESS_LOOPBACK = "address_loopback"
    ADDRESS_PRIVATE = "address_private"
    ADDRESS_SHARED = "address_shared"
    ADDRESS_LINK_LOCAL = "address_link_local"
    ADDRESS_MULTICAST = "address_multicast"
    ADDRESS_EMBEDDED = "address_embedded"
    ADDRESS_RESERVED = "address_reserved"
    ADDRESS_ODD = "address_odd"

    # The connection.
    UNREACHABLE = "unreachable"
    CONNECT_TIMEOUT = "connect_timeout"
    TLS = "tls"

    # The head of the answer.
    BAD_RESPONSE = "bad_response"
    REDIRECT = "redirect"
    ORIGIN_4XX = "origin_4xx"
    ORIGIN_5XX = "origin_5xx"
    ORIGIN_STATUS = "origin_status"
    ENCODED = "encoded"

    # The body, and time.
    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    STALLED = "stalled"
    TOO_SLOW = "too_slow"
    TIMEOUT = "timeout"


FetchError = errors.SourceError | errors.ModelTooLarge

# The error, what happened, and what the caller can do.
_Failure = tuple[type[FetchError], str, str]

_FAILED = "Failed to download the model"
_NOT_TAKEN = "The file URL is not one this service may fetch"
_REFUSED = (
    errors.SourceRefused,
    f"{_NOT_TAKEN}.",
    "Give an https URL of a public host, or of one that the operator has allowed.",
)


def _refused(why: str, advice: str) -> _Failure:
    return errors.SourceRefused, f"{_NOT_TAKEN}: {why}.", advice


_UNREACHABLE = (
    errors.DownloadFailed,
    f"{_FAILED}: its host could not be reached.",
    "Check the host in the file URL and that it is up.",
)
_SLOW = (
    errors.SourceTimeout,
    f"{_FAILED} in time: its host answers too slowly.",
    "Try again, or serve the file from a faster host.",
)
_BROKEN = (
    errors.SourceFailed,
    f"{_FAILED}: its host broke off before the file was complete, or did not speak HTTP.",
    "Try again.",
)
_ANSWERED = f"{_FAILED}: its host answered {{status}}."
_ERRORS: dict[FetchOutcome, _Failure] = {
    FetchOutcome.URL_TOO_LONG: _refused("it is too long", "Presigned URLs are much shorter."),
    FetchOutcome.BAD_URL: _refused(
        "it is no absolute URL in plain characters",
        "Write it as https://host/path, with everything else percent-encoded.",
    ),
    FetchOutcome.SCHEME: _refused("its scheme is not allowed", "Use https."),
    FetchOutcome.USER_PART: _refused(
        "a user name or password stands before its host", "Give a link that needs none."
    ),
    FetchOutcome.ODD_HOST: _refused(
        "its host is not written as a plain name or address", "Write the host's usual name."
    ),
    FetchOutcome.PORT: _refused("its port is not allowed", "Use the usual port of the scheme."),
    FetchOutcome.HOST_NOT_LISTED: _refused(
        "its host is not among those that the operator has allowed",
        "Upload the file, or serve it from an allowed host.",
    ),
    FetchOutcome.REDIRECT: _refused(
        "its host answers with a redirect, and none is followed",
        "Give the URL that it leads to.",
    ),
    FetchOutcome.UNRESOLVABLE: _UNREACHABLE,
    FetchOutcome.RESOLVER_TIMEOUT: _SLOW,
    FetchOutcome.UNREACHABLE: _UNREACHABLE,
    FetchOutcome.CONNECT_TIMEOUT: _SLOW,
    FetchOutcome.TLS: (
        errors.DownloadFailed,
        f"{_FAILED}: no trusted TLS connection to its host could be made.",
        "The host needs a valid certificate for the name in the file URL.",
    ),
    FetchOutcome.BAD_RESPONSE: _BROKEN,
    FetchOutcome.ORIGIN_4XX: (
        errors.DownloadFailed,
        _ANSWERED,
        "Check that the link is right and has not expired.",
    ),
    FetchOutcome.ORIGIN_5XX: (errors.SourceFailed, _ANSWERED, "Try again."),
    FetchOutcome.ORIGIN_STATUS: (
        errors.SourceFailed,
        _ANSWERED,
        "Only 200 OK with the whole file is taken.",
    ),
    FetchOutcome.ENCODED: (
        errors.DownloadFailed,
        f"{_FAILED}: it is compressed in another way than gzip or deflate, damaged, or too far.",
        "Store it without a Content-Encoding.",
    ),
    FetchOutcome.TOO_LARGE: (
        errors.ModelTooLarge,
        "The model file is larger than the {max_mib:g} MiB this service takes.",
        "Reduce the number of triangles, or save it in a binary format.",
    ),
    FetchOutcome.TRUNCATED: _BROKEN,
    FetchOutcome.STALLED: _SLOW,
    FetchOutcome.TOO_SLOW: _SLOW,
    FetchOutcome.TIMEOUT: _SLOW,
}


def failure(outcome: FetchOutcome, log_detail: str, **facts: str | float) -> FetchError:
    """The error for an outcome; one that is not in the table is a refusal by policy.

    Args:
        outcome: Why.
        log_detail: For the log only.
        facts: What the sentence says besides.
    """
    kind, happened, advice = _ERRORS.get(outcome, _REFUSED)
    detail = f"{happened.format(**facts)} {advice}"
    return kind(detail, outcome=outcome, log_detail=log_detail)


def bad_status(status: int, log_detail: str) -> FetchError:
    """The error for an answer that is not 200. The reason phrase is ours, not the origin's."""
    outcome = {
        3: FetchOutcome.REDIRECT,
        4: FetchOutcome.ORIGIN_4XX,
        5: FetchOutcome.ORIGIN_5XX,
    }.get(status // 100, FetchOutcome.ORIGIN_STATUS)
    known = {each.value: f"{each.value} {each.phrase}" for each in HTTPStatus}
    return failure(outcome, log_detail, status=known.get(status, f"{status}"))

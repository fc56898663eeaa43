"""Every failure of a download, in the words the caller gets; a review of them reads one file.

Refusals share one sentence, and a name that does not resolve looks like a host that does not
answer: otherwise the service is a map of the network behind it. What really happened travels as
`verdict` and `log_detail`. No text here repeats the origin's: an origin can quote our own request,
signature included.
"""

from __future__ import annotations

from http import HTTPStatus

from pricing_fdm.errors import (
    DownloadFailed,
    ModelTooLarge,
    SourceError,
    SourceFailed,
    SourceRefused,
    SourceTimeout,
    WorkspaceFull,
)
from pricing_fdm.fetch.verdict import Verdict

_MIB = 1024 * 1024


def refused(verdict: Verdict, log_detail: str) -> SourceRefused:
    """Policy forbids it; the caller is not told which rule."""
    return SourceRefused(
        "The file URL is not one this service may fetch. Give an absolute https URL of an allowed"
        " public host, on its usual port, percent-encoded, without a user name, that answers"
        " directly and does not redirect.",
        verdict=verdict,
        log_detail=log_detail,
    )


def unreachable(verdict: Verdict, log_detail: str) -> DownloadFailed:
    """Nobody there: no such name, or no connection."""
    return DownloadFailed(
        "Failed to download the model: its host could not be reached. Check the host in the file"
        " URL and that it is up.",
        verdict=verdict,
        log_detail=log_detail,
    )


def no_tls(log_detail: str) -> DownloadFailed:
    """A connection, but not one to trust."""
    return DownloadFailed(
        "Failed to download the model: no trusted TLS connection to its host could be made. The"
        " host needs a valid certificate for the name in the file URL.",
        verdict=Verdict.TLS,
        log_detail=log_detail,
    )


def too_slow(verdict: Verdict, log_detail: str) -> SourceTimeout:
    """The origin, or the way to it, took too long."""
    return SourceTimeout(
        "Failed to download the model in time: its host answers too slowly. Try again, or serve"
        " the file from a faster host.",
        verdict=verdict,
        log_detail=log_detail,
    )


def broken(verdict: Verdict, log_detail: str) -> SourceFailed:
    """The origin spoke no HTTP, or broke off."""
    return SourceFailed(
        "Failed to download the model: its host broke off before the file was complete, or did"
        " not speak HTTP. Try again.",
        verdict=verdict,
        log_detail=log_detail,
    )


def encoded(log_detail: str) -> DownloadFailed:
    """The origin compressed the body although we asked it not to."""
    return DownloadFailed(
        "Failed to download the model: its host sent it with a Content-Encoding, such as gzip."
        " Store the file without one.",
        verdict=Verdict.ENCODED,
        log_detail=log_detail,
    )


def bad_status(status: int, log_detail: str) -> SourceError:
    """The origin answered, and not with 200."""
    if 300 <= status < 400:  # noqa: PLR2004 - the ranges of RFC 9110 are plainer than names
        return refused(Verdict.REDIRECT, log_detail)
    said = f"Failed to download the model: its host answered {_named(status)}."
    if 400 <= status < 500:  # noqa: PLR2004 - as above
        return DownloadFailed(
            f"{said} Check that the link is right and has not expired.",
            verdict=Verdict.ORIGIN_4XX,
            log_detail=log_detail,
        )
    if 500 <= status < 600:  # noqa: PLR2004 - as above
        return SourceFailed(f"{said} Try again.", verdict=Verdict.ORIGIN_5XX, log_detail=log_detail)
    return SourceFailed(
        f"{said} Only 200 OK with the whole file is taken.",
        verdict=Verdict.ORIGIN_STATUS,
        log_detail=log_detail,
    )


def too_large(max_bytes: int, log_detail: str) -> ModelTooLarge:
    """More bytes than we take."""
    return ModelTooLarge(
        f"The model file is larger than the {max_bytes / _MIB:g} MiB this service takes. Reduce"
        " the number of triangles, or save it in a binary format.",
        verdict=Verdict.TOO_LARGE,
        log_detail=log_detail,
    )


def disk_full(log_detail: str) -> WorkspaceFull:
    """Our own disk has no room for the file."""
    return WorkspaceFull(
        "The service has no room for another model just now. Try again soon.",
        log_detail=log_detail,
    )


def _named(status: int) -> str:
    """Our own reason phrase; the origin's is not repeated."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)

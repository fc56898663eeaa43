"""Recognises a file by the head of the answer, so that its body need not be read again.

A strong ETag says that two answers are equal byte for byte (RFC 9110, section 8.8.1), if the origin
keeps that promise. So only origins that the operator names are believed, and only about the same
object: same scheme, host, port and path, and the same query but for its signature. The length must
agree too.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import unquote_plus

import httpcore

from pricing_fdm.fetch.policy import HostRule
from pricing_fdm.fetch.source_url import DEFAULT_PORTS, SourceUrl

_MOST = 10_000  # about 3 MB
_MOST_ETAG_CHARACTERS = 256

# What signs a URL and changes with each signature: AWS Signature 4 and 2, Google, Azure SAS,
# CloudFront. Anything else in a query may name the object, such as `versionId`.
_SIGNATURE_PREFIXES = ("x-amz-", "x-goog-")
_SIGNATURE_NAMES = frozenset(
    {
        *("awsaccesskeyid", "expires", "googleaccessid", "key-pair-id", "policy", "signature"),
        *("se", "sig", "ske", "skoid", "sks", "skt", "sktid", "skv", "sp", "spr", "sr", "st", "sv"),
    }
)
_LEAST_ETAG_CHARACTERS = 3  # two quotes around something


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that was downloaded before."""

    sha256: str
    size_bytes: int


class Recognition:
    """The files that trusted origins have sent.

    Args:
        trusted: The origins that are believed; none if empty.
        most: When more files are known, the one that was not asked for longest is forgotten.
    """

    def __init__(self, trusted: tuple[HostRule, ...] = (), *, most: int = _MOST) -> None:
        self._trusted = trusted
        self._most = most
        self._seen: OrderedDict[str, Seen] = OrderedDict()

    def mark(self, source: SourceUrl, response: httpcore.Response) -> str | None:
        """What tells this file from all others, None if nothing does for certain."""
        if not any(_covers(rule, source) for rule in self._trusted):
            return None
        etag = _only(response, b"etag")
        length = _only(response, b"content-length")
        if etag is None or length is None or not _is_strong(etag):
            return None
        facts = (str(source).encode(), str(source.port).encode(), _unsigned(source), etag, length)
        return hashlib.sha256(b"\0".join(facts)).hexdigest()

    def seen(self, mark: str) -> Seen | None:
        """The file of this mark, None if it was not downloaded yet."""
        seen = self._seen.get(mark)
        if seen is not None:
            self._seen.move_to_end(mark)
        return seen

    def remember(self, mark: str, seen: Seen) -> None:
        """Notes a file that was downloaded."""
        self._seen[mark] = seen
        self._seen.move_to_end(mark)
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)


def _covers(rule: HostRule, source: SourceUrl) -> bool:
    return rule.matches(source.host) and source.port == (rule.port or DEFAULT_PORTS[source.scheme])


def _only(response: httpcore.Response, name: bytes) -> bytes | None:
    values = [value for key, value in response.headers if key.lower() == name]
    return values[0] if len(values) == 1 else None


def _is_strong(etag: bytes) -> bool:
    return (
        _LEAST_ETAG_CHARACTERS <= len(etag) <= _MOST_ETAG_CHARACTERS
        and etag.startswith(b'"')
        and etag.endswith(b'"')
        and b'"' not in etag[1:-1]
    )


def _unsigned(source: SourceUrl) -> bytes:
    """Path and query without the signature, in the caller's order."""
    path, _, query = source.reveal_target().decode("ascii").partition("?")
    parameters = (each for each in query.split("&") if each and not _signs(each))
    return "?".join((path, "&".join(parameters))).encode("ascii")


def _signs(parameter: str) -> bool:
    name = unquote_plus(parameter.partition("=")[0]).lower()
    return name in _SIGNATURE_NAMES or name.startswith(_SIGNATURE_PREFIXES)

"""May this URL be requested? Judges its text; no name is resolved here.

The URL is parsed once, by us, and the parts that were judged are the parts that are used. Many
guards were passed because two parsers disagreed about where the host ends.

A presigned URL is a password. So path and query are not in `str`, `repr` and f-strings of an
admitted URL; whoever needs them calls `reveal_target()`, which is easy to search for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pricing_fdm.fetch.authority import OddHost, OddPort, parse_authority
from pricing_fdm.fetch.outcomes import FetchOutcome, failure
from pricing_fdm.fetch.policy import FetchPolicy

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_URL_CHARACTERS = 4096
"""Presigned URLs are 500 to 1,800 characters long."""


@dataclass(frozen=True, slots=True, repr=False)
class SourceUrl:
    """The parts of an admitted URL; what was judged is exactly what is dialled.

    Attributes:
        scheme: `http` or `https`.
        host: Lower-case name, or an address in its canonical form (IPv6 without brackets).
        port: Always given, 1 to 65535.
    """

    scheme: str
    host: str
    port: int
    _target: str = field(repr=False)

    @property
    def origin(self) -> str:
        """Scheme, host and port, without a default port: every signer of URLs expects that."""
        return str(self) if self.port == DEFAULT_PORTS[self.scheme] else f"{self}:{self.port}"

    def reveal_target(self) -> bytes:
        """Path and query, secret signature included, byte for byte as the caller wrote them."""
        return self._target.encode("ascii")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}"

    def __repr__(self) -> str:
        return f"SourceUrl('{self}')"


def admit(url: str, policy: FetchPolicy) -> SourceUrl:
    """Parse a caller's URL and check it against the policy.

    The fragment is dropped: it is never sent.

    Raises:
        SourceRefused: With the outcome, and a log detail without any secret of the URL.
    """
    if len(url) > MAX_URL_CHARACTERS:
        raise failure(FetchOutcome.URL_TOO_LONG, f"{len(url)} characters")
    scheme, authority, target = _split(url)
    if scheme not in policy.schemes:
        remedy = "; FETCH_ALLOW_HTTP=true would allow it" if scheme == "http" else ""
        allowed = ", ".join(sorted(policy.schemes))
        raise failure(FetchOutcome.SCHEME, f"not one of {allowed}{remedy}")
    if "@" in authority:
        raise failure(FetchOutcome.USER_PART, "a user name or password stands before the host")
    try:
        host, port = parse_authority(authority)
    except OddPort as error:
        raise failure(FetchOutcome.PORT, str(error)) from None
    except OddHost as error:
        raise failure(FetchOutcome.ODD_HOST, str(error)) from None
    source = SourceUrl(scheme, host, port or DEFAULT_PORTS[scheme], target)
    _judge_host(source, policy)
    return source


def _split(url: str) -> tuple[str, str, str]:
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise failure(FetchOutcome.BAD_URL, "it is no absolute URL")
    rest = rest.partition("#")[0]
    start = min((rest.find(mark) for mark in "/?" if mark in rest), default=len(rest))
    authority, target = rest[:start], rest[start:]
    # The host may still be non-ASCII here: parse_authority has a better word for that.
    if any(character <= " " or character in "\\\x7f" for character in url):
        raise failure(FetchOutcome.BAD_URL, "it holds a space, a control character or a backslash")
    if not target.isascii():
        raise failure(FetchOutcome.BAD_URL, "path or query are not percent-encoded")
    return scheme.lower(), authority, target if target.startswith("/") else f"/{target}"


def _judge_host(source: SourceUrl, policy: FetchPolicy) -> None:
    if source.host in policy.own_names:
        return
    usual = DEFAULT_PORTS[source.scheme]
    host = f"[{source.host}]" if ":" in source.host else source.host
    entry = host if source.port == usual else f"{host}:{source.port}"
    remedy = f"FETCH_ALLOWED_HOSTS={entry} would allow it"
    rules = [rule for rule in policy.allowed_hosts if rule.matches(source.host)]
    if not rules and policy.allowed_hosts:
        why = f"{source} matches no entry of FETCH_ALLOWED_HOSTS; {remedy}"
        raise failure(FetchOutcome.HOST_NOT_LISTED, why)
    if not rules and _is_local_name(source.host):
        why = f"{source} is a name of a private network; {remedy}, with FETCH_ALLOWED_CIDRS"
        raise failure(FetchOutcome.HOST_NOT_LISTED, why)
    if source.port not in ({rule.port or usual for rule in rules} or {usual}):
        raise failure(FetchOutcome.PORT, f"{source} on port {source.port}; {remedy}")


def _is_local_name(host: str) -> bool:
    """`redis`, `localhost`, `x.localhost`: no public host is called so; only a rule admits it."""
    if ":" in host:
        return False
    _, dot, last = host.rpartition(".")
    return not dot or last == "localhost"

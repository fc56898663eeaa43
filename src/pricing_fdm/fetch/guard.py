"""May this URL be asked for? A judgement of its text; no name is resolved here.

The URL is parsed once, by us, and the parts that were judged are the parts that are used. Two
parsers that disagree about where the host ends are the oldest way around a guard.
"""

from __future__ import annotations

from pricing_fdm.errors import SourceRefused
from pricing_fdm.fetch.authority import OddHost, OddPort, parse_authority
from pricing_fdm.fetch.failures import refused
from pricing_fdm.fetch.policy import FetchPolicy
from pricing_fdm.fetch.source_url import DEFAULT_PORTS, SourceUrl
from pricing_fdm.fetch.verdict import Verdict

MAX_URL_CHARACTERS = 4096
"""Presigned URLs are 500 to 1,800 characters long."""


def admit(url: str, policy: FetchPolicy) -> SourceUrl:
    """Take a caller's URL apart and let it pass, or not.

    The fragment is dropped: it is never sent.

    Raises:
        SourceRefused: With the verdict, and a log detail without any secret of the URL.
    """
    if len(url) > MAX_URL_CHARACTERS:
        raise refused(Verdict.URL_TOO_LONG, f"{len(url)} characters")
    scheme, authority, target = _split(url)
    if scheme not in policy.schemes:
        raise refused(Verdict.SCHEME, f"not one of {', '.join(sorted(policy.schemes))}")
    if "@" in authority:
        raise refused(Verdict.USER_PART, "a user name or password stands before the host")
    try:
        host, port = parse_authority(authority)
    except OddPort as error:
        raise refused(Verdict.PORT, str(error)) from None
    except OddHost as error:
        raise refused(Verdict.ODD_HOST, str(error)) from None
    source = SourceUrl(scheme, host, port or DEFAULT_PORTS[scheme], target)
    _judge_host(source, policy)
    return source


def _split(url: str) -> tuple[str, str, str]:
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise _bad_url("it is no absolute URL")
    rest = rest.partition("#")[0]
    start = min((rest.find(mark) for mark in "/?" if mark in rest), default=len(rest))
    authority, target = rest[:start], rest[start:]
    # The host may still be non-ASCII here: parse_authority has a better word for that.
    if any(character <= " " or character in "\\\x7f" for character in url):
        raise _bad_url("it holds a space, a control character or a backslash")
    if not target.isascii():
        raise _bad_url("path or query are not percent-encoded")
    return scheme.lower(), authority, target if target.startswith("/") else f"/{target}"


def _bad_url(reason: str) -> SourceRefused:
    return refused(Verdict.BAD_URL, reason)


def _judge_host(source: SourceUrl, policy: FetchPolicy) -> None:
    rules = [rule for rule in policy.allowed_hosts if rule.matches(source.host)]
    if not rules and (policy.allowed_hosts or _is_local_name(source.host)):
        raise refused(Verdict.HOST_NOT_LISTED, f"{source} matches no entry of FETCH_ALLOWED_HOSTS")
    usual = DEFAULT_PORTS[source.scheme]
    if source.port not in ({rule.port or usual for rule in rules} or {usual}):
        raise refused(Verdict.PORT, f"{source} on port {source.port}")


def _is_local_name(host: str) -> bool:
    """`redis`, `localhost`, `x.localhost`: no public host is called so; only a rule admits it."""
    if ":" in host:
        return False
    _, dot, last = host.rpartition(".")
    return not dot or last == "localhost"

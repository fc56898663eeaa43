from __future__ import annotations

import h11
import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pricing_fdm.errors import SourceRefused
from pricing_fdm.fetch.outcomes import FetchOutcome as Outcome
from pricing_fdm.fetch.policy import FetchPolicy, parse_allowed_hosts
from pricing_fdm.fetch.source_url import MAX_URL_CHARACTERS, SourceUrl, admit
from tests.fetch.hostile import ODD_URLS

ANY_PUBLIC = FetchPolicy()
WITH_HTTP = FetchPolicy(allow_http=True)


def listed(hosts: str, *, allow_http: bool = True) -> FetchPolicy:
    return FetchPolicy(parse_allowed_hosts(hosts), allow_http=allow_http)


def outcome_of(url: str, policy: FetchPolicy) -> str | None:
    with pytest.raises(SourceRefused) as caught:
        admit(url, policy)
    return caught.value.outcome


@pytest.mark.parametrize(("url", "outcome"), ODD_URLS.values(), ids=ODD_URLS.keys())
def test_a6_odd_url_is_refused_by_its_text(url: str, outcome: Outcome) -> None:
    """A6, A7: no resolver is at hand here, so none can have been asked."""
    assert outcome_of(url, WITH_HTTP) is outcome


@pytest.mark.parametrize(
    ("url", "shown", "port", "target"),
    [
        pytest.param(
            "https://b.s3.amazonaws.com/k?X-Amz-Signature=1%2F2",
            "https://b.s3.amazonaws.com",
            443,
            b"/k?X-Amz-Signature=1%2F2",
            id="presigned",
        ),
        pytest.param("HTTPS://H.Example", "https://h.example", 443, b"/", id="capitals"),
        pytest.param("https://h.example?q=1", "https://h.example", 443, b"/?q=1", id="no path"),
        pytest.param("https://h.example:443/", "https://h.example", 443, b"/", id="usual port"),
        pytest.param("https://h.example/a?b#c?d", "https://h.example", 443, b"/a?b", id="fragment"),
        pytest.param("https://h.example#@x/", "https://h.example", 443, b"/", id="at in fragment"),
        pytest.param("https://h.example/@:%2f", "https://h.example", 443, b"/@:%2f", id="at in it"),
        pytest.param("https://h.example/?a://b", "https://h.example", 443, b"/?a://b", id="nested"),
        pytest.param("https://8.8.8.8/x", "https://8.8.8.8", 443, b"/x", id="IPv4"),
        pytest.param("https://[2606:4700::1]/x", "https://[2606:4700::1]", 443, b"/x", id="IPv6"),
    ],
)  # fmt: skip
def test_a7_a_plain_url_passes_unchanged(url: str, shown: str, port: int, target: bytes) -> None:
    """A7: scheme and host are normalised, the fragment is dropped, the rest is sent as signed."""
    source = admit(url, ANY_PUBLIC)
    assert (str(source), source.port, source.reveal_target()) == (shown, port, target)


def test_a7_plain_http_needs_the_setting() -> None:
    """A7: a presigned URL over http shows its signature to the network."""
    url = "http://models.example.com/x"
    assert outcome_of(url, ANY_PUBLIC) is Outcome.SCHEME
    assert admit(url, WITH_HTTP).port == 80


def test_the_longest_url_passes_and_one_more_character_does_not() -> None:
    """The limit is on the whole text, before anything is parsed."""
    url = "https://h.example/".ljust(MAX_URL_CHARACTERS, "x")
    assert len(admit(url, ANY_PUBLIC).reveal_target()) == MAX_URL_CHARACTERS - 17
    assert outcome_of(url + "x", ANY_PUBLIC) is Outcome.URL_TOO_LONG


@pytest.mark.parametrize(
    ("hosts", "url", "outcome"),
    [
        pytest.param("a.example", "https://a.example/", None, id="listed"),
        pytest.param("a.example", "https://A.Example/", None, id="listed, in capitals"),
        pytest.param("a.example", "https://b.example/", Outcome.HOST_NOT_LISTED, id="other"),
        pytest.param("a.example", "https://x.a.example/", Outcome.HOST_NOT_LISTED, id="below"),
        pytest.param(".a.example", "https://x.a.example/", None, id="suffix"),
        pytest.param(".a.example", "https://a.example/", Outcome.HOST_NOT_LISTED, id="not itself"),
        pytest.param(".a.example", "https://xa.example/", Outcome.HOST_NOT_LISTED, id="look-alike"),
        pytest.param("a.example:9000", "https://a.example:9000/", None, id="its port"),
        pytest.param("a.example:9000", "http://a.example:9000/", None, id="its port over http"),
        pytest.param("a.example:9000", "https://a.example/", Outcome.PORT, id="not the usual port"),
        pytest.param("a.example:9000", "https://a.example:9001/", Outcome.PORT, id="another port"),
        pytest.param("a.example,a.example:9000", "https://a.example/", None, id="both: usual"),
        pytest.param("a.example,a.example:9000", "https://a.example:9000/", None, id="both: own"),
        pytest.param("a.example", "http://a.example/", None, id="http's usual port"),
        pytest.param("a.example", "http://a.example:443/", Outcome.PORT, id="crossed ports"),
        pytest.param("localhost:9000", "http://localhost:9000/", None, id="local name"),
        pytest.param("minio", "http://minio/", None, id="name without a dot"),
        pytest.param("[fd00::1]:9000", "http://[FD00:0::1]:9000/", None, id="IPv6"),
        pytest.param("127.0.0.1:9001", "http://127.0.0.1:9001/", None, id="test origin"),
    ],
)  # fmt: skip
def test_a5_the_host_list_decides(hosts: str, url: str, outcome: Outcome | None) -> None:
    """A5, A7: exact names, suffixes and ports; everything else is refused before DNS."""
    if outcome is None:
        admit(url, listed(hosts))
    else:
        assert outcome_of(url, listed(hosts)) is outcome


@given(st.text(max_size=60))
@example("https://b.example%2Fk%3FX-Amz-Signature%3DCANARY")
@example("b.example/k?CANARY&next=https://c.example")
def test_f4_no_refusal_repeats_the_url(text: str) -> None:
    """F4: the log detail of a refusal is where a signature would leak first."""
    for url in (f"{text}CANARY", f"https://{text}/CANARY", f"https://CANARY@{text}"):
        try:
            admit(url, WITH_HTTP)
        except SourceRefused as error:
            told = f"{error!r} {error} {error.detail} {error.log_detail} {error.args}"
            assert "CANARY" not in told


@given(st.text(st.characters(codec="ascii"), max_size=60))
def test_whatever_passes_is_a_legal_request(text: str) -> None:
    """No admitted text may split the request, or surprise the HTTP library later."""
    try:
        source = admit(f"https://h.example/{text}", ANY_PUBLIC)
    except SourceRefused:
        return
    headers = [("Host", source.host)]
    request = h11.Request(method="GET", target=source.reveal_target(), headers=headers)
    wire = h11.Connection(h11.CLIENT).send(request)
    assert wire is not None
    assert wire.count(b"\r\n") == 3


@given(st.text(st.sampled_from("aB0-_.:[]xn"), min_size=1, max_size=20))
@example("[2606:4700::1]:8443")
@example("xn--mller-kva.example")
def test_the_host_that_was_judged_is_the_host_that_is_asked_for(authority: str) -> None:
    """Httpx parses the origin again; it must find the same parts."""
    try:
        source = admit(f"https://{authority}", ANY_PUBLIC)
    except SourceRefused:
        return
    parsed = httpx.URL(source.origin)
    assert (parsed.raw_host.decode(), parsed.port or 443) == (source.host, source.port)


def test_a10_each_rule_has_its_words_for_the_caller_and_more_for_the_operator() -> None:
    """A10: what is wrong with his own text he may know; a setting is for the log."""
    details, outcomes = set(), set()
    for url, outcome in ODD_URLS.values():
        with pytest.raises(SourceRefused) as caught:
            admit(url, WITH_HTTP)
        details.add(caught.value.detail)
        outcomes.add(outcome)
        assert caught.value.log_detail
    assert len(details) == len(outcomes)
    assert not any("FETCH_" in detail for detail in details)
    assert len(outcomes) == 7


SECRET = "/bucket/part.stl?X-Amz-Signature=CANARY"


@pytest.mark.parametrize(
    "show",
    [str, repr, format, "{}".format, "{!r}".format, lambda source: f"{[source]} {source}"],
    ids=["str", "repr", "format", "braces", "braces !r", "in a list"],
)
def test_path_and_query_are_never_printed(show: object) -> None:
    """F4: a presigned URL is a password, and values end up in f-strings and log calls."""
    assert callable(show)
    shown = show(SourceUrl("https", "models.example.com", 443, SECRET))
    assert "https://models.example.com" in shown
    assert "CANARY" not in shown
    assert "bucket" not in shown


def test_the_target_is_revealed_byte_for_byte() -> None:
    """The signature covers the exact spelling; nothing may be decoded and encoded again."""
    target = "/a%2fb/%7Ec?x=%2B+&y={}|"
    assert SourceUrl("https", "h.example", 443, target).reveal_target() == target.encode()


@pytest.mark.parametrize(
    ("source", "origin", "header"),
    [
        (SourceUrl("https", "h.example", 443, "/"), "https://h.example", "h.example"),
        (SourceUrl("http", "h.example", 80, "/"), "http://h.example", "h.example"),
        (SourceUrl("https", "h.example", 8443, "/"), "https://h.example:8443", "h.example:8443"),
        (SourceUrl("http", "h.example", 443, "/"), "http://h.example:443", "h.example:443"),
        (SourceUrl("https", "fd00::1", 443, "/"), "https://[fd00::1]", "[fd00::1]"),
        (SourceUrl("https", "fd00::1", 9000, "/"), "https://[fd00::1]:9000", "[fd00::1]:9000"),
    ],
)
def test_host_header_is_what_signers_sign(source: SourceUrl, origin: str, header: str) -> None:
    """SigV4 signs the Host header: a default port in it would break every presigned URL."""
    assert source.origin == origin
    assert httpx.Request("GET", source.origin).headers["Host"] == header


@pytest.mark.parametrize(
    ("url", "hosts", "told"),
    [
        ("http://a.example/x", "", "FETCH_ALLOW_HTTP=true would allow it"),
        ("ftp://a.example/x", "", "not one of https"),
        ("https://a.example/x", "b.example", "FETCH_ALLOWED_HOSTS=a.example would allow it"),
        ("https://a.example:9000/x", "", "FETCH_ALLOWED_HOSTS=a.example:9000 would allow it"),
        ("https://[2001:db8::1]:9/x", "", "FETCH_ALLOWED_HOSTS=[2001:db8::1]:9 would allow it"),
        ("https://minio:9000/x", "", "FETCH_ALLOWED_HOSTS=minio:9000 would allow it, with"),
    ],
)
def test_a_refusal_names_the_setting_that_would_allow_it(url: str, hosts: str, told: str) -> None:
    """An operator reads it in the log; a caller is not told."""
    with pytest.raises(SourceRefused) as caught:
        admit(url, FetchPolicy(allowed_hosts=parse_allowed_hosts(hosts)))
    assert told in (caught.value.log_detail or "")
    assert "FETCH_" not in caught.value.detail
    empty = "matches no entry" in (caught.value.log_detail or "")
    assert empty == bool(hosts)


def test_names_of_the_own_machine_are_admitted_on_any_port() -> None:
    """Whatever else is allowed; names that only look like them are not."""
    policy = FetchPolicy(
        allowed_hosts=parse_allowed_hosts("b.example"), own_names=frozenset({"localhost"})
    )
    assert admit("https://localhost:9000/x", policy).port == 9000
    for url in ("https://localhost.example:9000/x", "https://minio:9000/x"):
        with pytest.raises(SourceRefused):
            admit(url, policy)

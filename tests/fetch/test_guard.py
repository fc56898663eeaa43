from __future__ import annotations

import h11
import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pricing_fdm.errors import SourceRefused
from pricing_fdm.fetch.guard import MAX_URL_CHARACTERS, admit
from pricing_fdm.fetch.policy import FetchPolicy, parse_allowed_hosts
from pricing_fdm.fetch.verdict import Verdict
from tests.fetch.hostile import ODD_URLS

ANY_PUBLIC = FetchPolicy()
WITH_HTTP = FetchPolicy(allow_http=True)


def listed(hosts: str, *, allow_http: bool = True) -> FetchPolicy:
    return FetchPolicy(parse_allowed_hosts(hosts), allow_http=allow_http)


def verdict_of(url: str, policy: FetchPolicy) -> str | None:
    with pytest.raises(SourceRefused) as caught:
        admit(url, policy)
    return caught.value.verdict


@pytest.mark.parametrize(("url", "verdict"), ODD_URLS.values(), ids=ODD_URLS.keys())
def test_a6_odd_url_is_refused_by_its_text(url: str, verdict: Verdict) -> None:
    """A6, A7: no resolver is at hand here, so none can have been asked."""
    assert verdict_of(url, WITH_HTTP) is verdict


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
    assert verdict_of(url, ANY_PUBLIC) is Verdict.SCHEME
    assert admit(url, WITH_HTTP).port == 80


def test_the_longest_url_passes_and_one_more_character_does_not() -> None:
    """The limit is on the whole text, before anything is parsed."""
    url = "https://h.example/".ljust(MAX_URL_CHARACTERS, "x")
    assert len(admit(url, ANY_PUBLIC).reveal_target()) == MAX_URL_CHARACTERS - 17
    assert verdict_of(url + "x", ANY_PUBLIC) is Verdict.URL_TOO_LONG


@pytest.mark.parametrize(
    ("hosts", "url", "verdict"),
    [
        pytest.param("a.example", "https://a.example/", None, id="listed"),
        pytest.param("a.example", "https://A.Example/", None, id="listed, in capitals"),
        pytest.param("a.example", "https://b.example/", Verdict.HOST_NOT_LISTED, id="other"),
        pytest.param("a.example", "https://x.a.example/", Verdict.HOST_NOT_LISTED, id="below"),
        pytest.param(".a.example", "https://x.a.example/", None, id="suffix"),
        pytest.param(".a.example", "https://a.example/", Verdict.HOST_NOT_LISTED, id="not itself"),
        pytest.param(".a.example", "https://xa.example/", Verdict.HOST_NOT_LISTED, id="look-alike"),
        pytest.param("a.example:9000", "https://a.example:9000/", None, id="its port"),
        pytest.param("a.example:9000", "http://a.example:9000/", None, id="its port over http"),
        pytest.param("a.example:9000", "https://a.example/", Verdict.PORT, id="not the usual port"),
        pytest.param("a.example:9000", "https://a.example:9001/", Verdict.PORT, id="another port"),
        pytest.param("a.example,a.example:9000", "https://a.example/", None, id="both: usual"),
        pytest.param("a.example,a.example:9000", "https://a.example:9000/", None, id="both: own"),
        pytest.param("a.example", "http://a.example/", None, id="http's usual port"),
        pytest.param("a.example", "http://a.example:443/", Verdict.PORT, id="crossed ports"),
        pytest.param("localhost:9000", "http://localhost:9000/", None, id="local name"),
        pytest.param("minio", "http://minio/", None, id="name without a dot"),
        pytest.param("[fd00::1]:9000", "http://[FD00:0::1]:9000/", None, id="IPv6"),
        pytest.param("127.0.0.1:9001", "http://127.0.0.1:9001/", None, id="test origin"),
    ],
)  # fmt: skip
def test_a5_the_host_list_decides(hosts: str, url: str, verdict: Verdict | None) -> None:
    """A5, A7: exact names, suffixes and ports; everything else is refused before DNS."""
    if verdict is None:
        admit(url, listed(hosts))
    else:
        assert verdict_of(url, listed(hosts)) is verdict


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


def test_a10_all_refusals_read_the_same() -> None:
    """A10: the caller is not told which rule it was; the operator is."""
    details, verdicts = set(), set()
    for url, verdict in ODD_URLS.values():
        with pytest.raises(SourceRefused) as caught:
            admit(url, WITH_HTTP)
        details.add(caught.value.detail)
        verdicts.add(verdict)
        assert caught.value.log_detail
    assert len(details) == 1
    assert len(verdicts) == 7

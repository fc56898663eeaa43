from __future__ import annotations

import ssl

import httpcore
import httpx
import pytest
import respx

from pricing_fdm.errors import DownloadFailed, SourceError
from pricing_fdm.fetch.network import GuardedBackend
from pricing_fdm.fetch.outcomes import FetchOutcome
from pricing_fdm.fetch.policy import FetchPolicy
from pricing_fdm.fetch.transport import GuardedTransport, translated
from tests.fetch.origin import TRUST, CountingResolver

HOST = "https://h.example"


@pytest.fixture
async def client() -> httpx.AsyncClient:
    backend = GuardedBackend(FetchPolicy(), CountingResolver([]), 5)
    return httpx.AsyncClient(transport=GuardedTransport(backend, await TRUST.context()))


@pytest.mark.anyio
@respx.mock
async def test_the_target_replaces_path_and_query_byte_for_byte(client: httpx.AsyncClient) -> None:
    """A signature covers the spelling, which httpx would tidy up."""
    route = respx.route().respond(200)
    target = b'/a//b/../%7e{}|"?x=%2b&y'
    await client.get(f"{HOST}:8443/ignored?ignored", extensions={"target": target})
    sent = route.calls.last.request
    assert sent.extensions["target"] == target
    assert (sent.url.host, sent.url.port) == ("h.example", 8443)


@pytest.mark.anyio
@respx.mock
async def test_httpx_sees_no_header_that_it_would_act_on(client: httpx.AsyncClient) -> None:
    """It parses a Location even when it follows none, and stores cookies."""
    acted_on = {"Location": "http://[", "Set-Cookie": "a=b", "Content-Type": "text/x"}
    respx.route().respond(302, headers={**acted_on, "CONTENT-length": "0"})
    response = await client.get(HOST)
    assert response.status_code == 302
    assert dict(response.headers) == {"content-length": "0"}
    assert not client.cookies


@pytest.mark.parametrize(
    ("raised", "outcome"),
    [
        (httpcore.ConnectError("certificate verify failed"), FetchOutcome.TLS),
        (httpcore.ConnectTimeout(), FetchOutcome.CONNECT_TIMEOUT),
        (httpcore.ReadTimeout(), FetchOutcome.STALLED),
        (httpcore.WriteTimeout(), FetchOutcome.STALLED),
        (httpcore.ReadError("CANARY"), FetchOutcome.TRUNCATED),
        (httpcore.WriteError("CANARY"), FetchOutcome.TRUNCATED),
        (httpcore.RemoteProtocolError("CANARY"), FetchOutcome.TRUNCATED),
        (httpcore.LocalProtocolError("CANARY"), FetchOutcome.TRUNCATED),
        (ssl.SSLError(1, "bad record mac"), FetchOutcome.TRUNCATED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_failure_of_the_library_becomes_ours(
    raised: Exception, outcome: FetchOutcome
) -> None:
    """Nothing of httpcore reaches the stages above, least of all text of the origin's."""
    with pytest.raises(SourceError) as caught, translated(HOST, FetchOutcome.TRUNCATED):
        raise raised
    assert caught.value.outcome == outcome
    assert "CANARY" not in f"{caught.value} {caught.value.log_detail}"
    assert caught.value.__suppress_context__


def test_our_own_errors_pass_unchanged() -> None:
    """The guard raises inside the library's calls."""
    ours = DownloadFailed("detail")
    with pytest.raises(DownloadFailed) as caught, translated(HOST, FetchOutcome.TRUNCATED):
        raise ours
    assert caught.value is ours

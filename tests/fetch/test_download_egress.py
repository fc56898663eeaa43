"""Where a download may go: the whole door, with real sockets on loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.errors import (
    DownloadFailed,
    SourceRefused,
)
from pricing_fdm.fetch.outcomes import FetchOutcome
from pricing_fdm.fetch.policy import FetchPolicy, parse_allowed_hosts
from tests.fetch.hostile import ODD_URLS
from tests.fetch.origin import (
    CountingResolver,
    Origin,
    answers,
    bound,
    failed_fetch,
    fetching,
    serving,
    twins,
)

pytestmark = pytest.mark.anyio


async def test_a2_rebinding_between_two_downloads_reaches_nothing(tmp_path: Path) -> None:
    """A2: 127.0.0.2 stands for the public address, the trap listens on 127.0.0.1."""
    first, second = twins()
    async with (
        serving(answers(b"mesh"), sock=first) as origin,
        serving(answers(), sock=second) as trap,
    ):
        resolver = CountingResolver([origin.address], [trap.address])
        policy = origin.policy(host="rebind.test")
        fetcher = fetching(policy, resolver=resolver)
        url = origin.url(host="rebind.test")
        await fetcher.fetch(url, tmp_path / "first")
        with pytest.raises(SourceRefused) as caught:
            await fetcher.fetch(url, tmp_path / "second")
    assert caught.value.outcome == FetchOutcome.ADDRESS_LOOPBACK
    assert caught.value.log_detail == (
        "rebind.test resolves to 127.0.0.1; FETCH_ALLOWED_CIDRS=127.0.0.1/32 would allow it"
    )
    assert (resolver.calls, origin.connections, trap.connections) == (2, 1, 0)
    assert origin.heads[0].splitlines()[1] == f"Host: rebind.test:{origin.port}".encode()


@pytest.mark.parametrize("order", [1, -1], ids=["good first", "bad first"])
async def test_a3_a_mixed_answer_reaches_neither_address(order: int, tmp_path: Path) -> None:
    """A3: allowed and forbidden in one answer: no connection at all."""
    first, second = twins()
    async with (
        serving(answers(), sock=first) as origin,
        serving(answers(), sock=second) as trap,
    ):
        resolver = CountingResolver([origin.address, trap.address][::order])
        policy = origin.policy(host="mixed.test")
        fetcher = fetching(policy, resolver=resolver)
        with pytest.raises(SourceRefused):
            await fetcher.fetch(origin.url(host="mixed.test"), tmp_path / "model")
    assert (origin.connections, trap.connections) == (0, 0)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308])
async def test_a4_redirect_is_refused_and_not_followed(status: int, tmp_path: Path) -> None:
    """A4: a redirect is how a public host sends a client to a private one."""
    async with serving(answers()) as trap:
        headers = [f"Location: {trap.url()}"]
        async with serving(answers(b"", f"{status} Moved", headers)) as origin:
            error = await failed_fetch(origin, tmp_path / "model")
    assert isinstance(error, SourceRefused)
    assert error.outcome == FetchOutcome.REDIRECT
    assert error.log_detail == f"http://127.0.0.1 answered {status}"
    assert trap.connections == 0


@pytest.mark.parametrize("url", {outcome: url for url, outcome in ODD_URLS.values()}.values())
async def test_a6_an_odd_url_asks_no_resolver(url: str, tmp_path: Path) -> None:
    """A5, A6, A7: refused by the text, before anything leaves the process."""
    resolver = CountingResolver(["8.8.8.8"])
    policy = FetchPolicy(allow_http=True)
    fetcher = fetching(policy, resolver=resolver)
    with pytest.raises(SourceRefused):
        await fetcher.fetch(url, tmp_path / "model")
    assert resolver.calls == 0


async def test_a5_a_host_that_is_not_listed_asks_no_resolver(tmp_path: Path) -> None:
    """A5: a lookup alone can carry data out."""
    resolver = CountingResolver(["8.8.8.8"])
    policy = FetchPolicy(parse_allowed_hosts("models.example.com"))
    fetcher = fetching(policy, resolver=resolver)
    with pytest.raises(SourceRefused) as caught:
        await fetcher.fetch("https://other.example.com/x", tmp_path / "model")
    assert caught.value.outcome == FetchOutcome.HOST_NOT_LISTED
    assert resolver.calls == 0


async def test_a9_proxies_of_the_environment_are_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A9: behind a proxy the judged address would be the proxy's."""
    async with serving(answers()) as trap, serving(answers(b"mesh")) as origin:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, trap.url(""))
            monkeypatch.setenv(name.lower(), trap.url(""))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        fetcher = fetching(origin.policy())
        await fetcher.fetch(origin.url(), tmp_path / "model")
    assert (origin.connections, trap.connections) == (1, 0)


async def test_a10_unresolvable_and_unreachable_look_the_same(tmp_path: Path) -> None:
    """A10: the caller cannot tell which names exist behind us; the operator can."""
    errors = []
    with bound("127.0.0.1") as nobody:
        gone = Origin(*nobody.getsockname())
        policy = gone.policy(host="gone.test")
        for resolver in (CountingResolver([]), CountingResolver(["127.0.0.1"])):
            fetcher = fetching(policy, resolver=resolver)
            with pytest.raises(DownloadFailed) as caught:
                await fetcher.fetch(gone.url(host="gone.test"), tmp_path / "model")
            errors.append(caught.value)
    unresolvable, unreachable = errors
    assert unresolvable.detail == unreachable.detail
    assert unresolvable.detail.startswith("Failed to download")
    assert unresolvable.outcome == FetchOutcome.UNRESOLVABLE
    assert unreachable.outcome == FetchOutcome.UNREACHABLE
    assert unresolvable.log_detail != unreachable.log_detail

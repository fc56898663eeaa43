from __future__ import annotations

import asyncio
import gc
import socket
import threading
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import httpcore
import pytest

from pricing_fdm.errors import DownloadFailed, SourceError, SourceRefused, SourceTimeout
from pricing_fdm.fetch import network
from pricing_fdm.fetch.network import RESOLVE_TIMEOUT_S, GuardedBackend, SystemResolver
from pricing_fdm.fetch.outcomes import FetchOutcome
from pricing_fdm.fetch.policy import FetchPolicy, parse_allowed_cidrs
from tests.fetch.origin import CountingResolver, answers, serving, twins

pytestmark = pytest.mark.anyio

PUBLIC = "8.8.8.8"
HOST = "models.example.com"
LOOPBACKS = FetchPolicy(allowed_cidrs=parse_allowed_cidrs("127.0.0.1, 127.0.0.2"))


class Dialer(httpcore.AsyncNetworkBackend):
    """Writes down what it is told to dial, and fails; nothing leaves the machine."""

    def __init__(self, error: type[Exception] = httpcore.ConnectError) -> None:
        self._error = error
        self.dialled: list[str] = []
        self.shares_s: list[float | None] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,  # noqa: ARG002 - httpcore's interface
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        *_: object,
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append(host)
        self.shares_s.append(timeout)
        raise self._error


async def failure(
    resolver: CountingResolver,
    dialer: Dialer,
    *,
    host: str = HOST,
    policy: FetchPolicy | None = None,
) -> SourceError:
    backend = GuardedBackend(policy or FetchPolicy(), resolver, connect_timeout_s=5, dialer=dialer)
    with pytest.raises(SourceError) as caught:
        await backend.connect_tcp(host, 443)
    return caught.value


async def test_a2_a_name_is_resolved_once_and_only_that_answer_is_dialled() -> None:
    """A2: a name server that answers public first and loopback later gets no second question."""
    resolver, dialer = CountingResolver([PUBLIC], ["127.0.0.1"]), Dialer()
    error = await failure(resolver, dialer)
    assert error.outcome == FetchOutcome.UNREACHABLE
    assert dialer.dialled == [PUBLIC]
    assert resolver.calls == 1


async def test_a2_the_next_connection_is_judged_afresh() -> None:
    """A2: nothing of an earlier judgement is kept."""
    resolver, dialer = CountingResolver([PUBLIC], ["127.0.0.1"]), Dialer()
    backend = GuardedBackend(FetchPolicy(), resolver, connect_timeout_s=5, dialer=dialer)
    with pytest.raises(DownloadFailed):
        await backend.connect_tcp(HOST, 443)
    with pytest.raises(SourceRefused) as caught:
        await backend.connect_tcp(HOST, 443)
    assert caught.value.outcome == FetchOutcome.ADDRESS_LOOPBACK
    allowed = "FETCH_ALLOWED_CIDRS=127.0.0.1/32 would allow it"
    assert caught.value.log_detail == f"{HOST} resolves to 127.0.0.1; {allowed}"
    assert dialer.dialled == [PUBLIC]


@pytest.mark.parametrize(
    ("bad", "outcome"),
    [
        ("127.0.0.1", FetchOutcome.ADDRESS_LOOPBACK),
        ("10.0.0.1", FetchOutcome.ADDRESS_PRIVATE),
        ("169.254.169.254", FetchOutcome.ADDRESS_METADATA),
        ("::ffff:8.8.8.8", FetchOutcome.ADDRESS_EMBEDDED),
        ("fe80::1%eth0", FetchOutcome.ADDRESS_ODD),
        ("not-an-address", FetchOutcome.ADDRESS_ODD),
    ],
)
@pytest.mark.parametrize("position", [0, 1, 2])
async def test_a3_one_bad_answer_refuses_the_name(
    bad: str, outcome: FetchOutcome, position: int
) -> None:
    """A3: a mixed answer is an attack or a fault; the good half of it is not used."""
    answer = [PUBLIC, "8.8.4.4"]
    answer.insert(position, bad)
    dialer = Dialer()
    error = await failure(CountingResolver(answer), dialer)
    assert isinstance(error, SourceRefused)
    assert error.outcome == outcome
    assert error.log_detail is not None
    assert bad in error.log_detail
    assert dialer.dialled == []


async def test_a_bad_answer_beyond_those_dialled_still_refuses_the_name() -> None:
    """All are judged, although only sixteen are tried."""
    many = [f"8.8.8.{number}" for number in range(20)]
    dialer = Dialer()
    assert (await failure(CountingResolver(many), dialer)).outcome == FetchOutcome.UNREACHABLE
    assert dialer.dialled == many[:16]
    error = await failure(CountingResolver([*many, "10.0.0.1"]), dialer)
    assert error.outcome == FetchOutcome.ADDRESS_PRIVATE
    assert dialer.dialled == many[:16]


@pytest.mark.parametrize(
    ("host", "outcome"),
    [
        ("127.0.0.1", FetchOutcome.ADDRESS_LOOPBACK),
        ("::1", FetchOutcome.ADDRESS_LOOPBACK),
        ("10.0.0.1", FetchOutcome.ADDRESS_PRIVATE),
        ("::ffff:7f00:1", FetchOutcome.ADDRESS_EMBEDDED),
        (PUBLIC, FetchOutcome.UNREACHABLE),
    ],
)
async def test_a_literal_address_is_judged_without_a_resolver(
    host: str, outcome: FetchOutcome
) -> None:
    """There is nothing to resolve, and a resolver could make something else of it."""
    resolver, dialer = CountingResolver(["8.8.4.4"]), Dialer()
    assert (await failure(resolver, dialer, host=host)).outcome == outcome
    assert resolver.calls == 0
    assert dialer.dialled == ([PUBLIC] if host == PUBLIC else [])


async def test_the_same_address_twice_is_dialled_once() -> None:
    """Resolvers repeat themselves; each attempt costs time of the deadline."""
    dialer = Dialer()
    await failure(CountingResolver([PUBLIC, PUBLIC]), dialer)
    assert dialer.dialled == [PUBLIC]


async def test_a_silent_address_is_too_slow_rather_than_unreachable() -> None:
    """A timeout may pass; the caller is told to try again."""
    dialer = Dialer(httpcore.ConnectTimeout)
    error = await failure(CountingResolver([PUBLIC, "8.8.4.4"]), dialer)
    assert isinstance(error, SourceTimeout)
    assert error.outcome == FetchOutcome.CONNECT_TIMEOUT
    assert dialer.dialled == [PUBLIC, "8.8.4.4"]
    assert dialer.shares_s[0] == pytest.approx(2.5, abs=0.5)


@pytest.mark.parametrize(
    ("left_s", "addresses_left", "share_s"),
    [(5, 1, 5), (5, 2, 2.5), (5, 16, 2), (1.5, 4, 1.5), (0, 3, 0), (-1, 2, 0)],
)
def test_the_time_to_connect_is_shared(left_s: float, addresses_left: int, share_s: float) -> None:
    """One dead address must not eat the time of the good one behind it."""
    assert network._share(left_s, addresses_left) == share_s


async def test_a_name_without_addresses_is_unresolvable() -> None:
    """Some resolvers answer with an empty list instead of an error."""
    error = await failure(CountingResolver([]), Dialer())
    assert isinstance(error, DownloadFailed)
    assert error.outcome == FetchOutcome.UNRESOLVABLE


async def test_a_name_that_does_not_resolve_is_unresolvable() -> None:
    """The contract makes this the caller's fault: 400 download_failed."""

    async def resolver(*_: object) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    backend = GuardedBackend(FetchPolicy(), resolver, connect_timeout_s=5)
    with pytest.raises(DownloadFailed) as caught:
        await backend.connect_tcp(HOST, 443)
    assert caught.value.outcome == FetchOutcome.UNRESOLVABLE
    assert caught.value.log_detail is not None
    assert HOST in caught.value.log_detail


async def test_a_resolver_that_never_answers_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Name resolution has its own, shorter deadline."""

    async def resolver(*_: object) -> Sequence[str]:
        await asyncio.sleep(3600)
        return [PUBLIC]

    monkeypatch.setattr(network, "RESOLVE_TIMEOUT_S", 0.01)
    backend = GuardedBackend(FetchPolicy(), resolver, connect_timeout_s=5)
    with pytest.raises(SourceTimeout) as caught:
        await backend.connect_tcp(HOST, 443)
    assert caught.value.outcome == FetchOutcome.RESOLVER_TIMEOUT


async def test_the_next_address_is_tried_when_one_refuses() -> None:
    """Real sockets: nobody listens on the first address."""
    nobody, sock = twins()
    async with serving(answers(), sock=sock) as origin:
        resolver = CountingResolver(["127.0.0.2", "127.0.0.1"])
        backend = GuardedBackend(LOOPBACKS, resolver, connect_timeout_s=30)
        async with aclosing(backend):
            await backend.connect_tcp(HOST, origin.port)
            while not origin.connections:  # noqa: ASYNC110 - the server notes it in a moment
                await asyncio.sleep(0.001)
    nobody.close()


async def test_an_address_is_dialled_without_another_lookup(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A2: between our judgement and the socket no library may ask a resolver again."""

    def getaddrinfo(*_: object, **__: object) -> list[object]:
        raise AssertionError

    async with serving(answers()) as origin:
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        backend = GuardedBackend(LOOPBACKS, CountingResolver(["127.0.0.1"]), connect_timeout_s=30)
        async with aclosing(backend):
            await backend.connect_tcp(HOST, origin.port)


async def test_there_is_no_way_to_a_unix_socket() -> None:
    """The container's own control sockets are one path away."""
    backend = GuardedBackend(FetchPolicy(), CountingResolver([PUBLIC]), connect_timeout_s=5)
    with pytest.raises(NotImplementedError):
        await backend.connect_unix_socket("/run/docker.sock")


async def test_an_address_resolves_to_itself() -> None:
    """The real resolver of the machine, without a question to any server."""
    resolver = SystemResolver()
    assert await resolver("127.0.0.1", 80) == ["127.0.0.1"]
    assert await resolver("::1", 80) == ["::1"]


async def test_failure_is_an_os_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """`network` tells unresolvable names by it."""

    def getaddrinfo(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    resolver = SystemResolver()
    with pytest.raises(OSError, match="not known"):
        await resolver("models.example.com", 443)


async def test_a_slow_name_server_holds_no_thread_of_the_event_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Lookups outlive their deadline; in the loop's own pool they would stop everything else."""
    answered = threading.Event()
    threads: list[str] = []

    def getaddrinfo(*_: object, **__: object) -> list[object]:
        threads.append(threading.current_thread().name)
        answered.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    resolver = SystemResolver()
    lookups = [asyncio.ensure_future(resolver(f"h{number}.example", 443)) for number in range(100)]
    try:
        assert await asyncio.to_thread(lambda: "other work goes on") == "other work goes on"
        for lookup in lookups:
            lookup.cancel()
        await asyncio.gather(*lookups, return_exceptions=True)
    finally:
        answered.set()
    assert all(name.startswith("fetch-dns") for name in threads)
    assert len(threads) <= 64


async def test_forty_slow_lookups_leave_room_for_a_quick_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Break-in 12: with eight threads, one caller's slow names kept out everybody's."""
    answered, slow = threading.Event(), threading.Semaphore(0)
    of_the_system = socket.getaddrinfo

    def getaddrinfo(host: str, *args: Any, **kwargs: Any) -> Any:
        if host.startswith("slow-"):
            slow.release()
            answered.wait()
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return of_the_system(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    resolver = SystemResolver()
    lookups = [asyncio.ensure_future(resolver(f"slow-{number}", 443)) for number in range(40)]
    try:
        async with asyncio.timeout(RESOLVE_TIMEOUT_S):
            assert "127.0.0.1" in await resolver("localhost", 80)
            for _ in lookups:
                await asyncio.to_thread(slow.acquire)
        assert not any(lookup.done() for lookup in lookups)
    finally:
        answered.set()
        await asyncio.gather(*lookups, return_exceptions=True)


async def test_the_threads_end_with_the_resolver() -> None:
    """Whoever drops it need not close it."""
    resolver = SystemResolver()
    await resolver("127.0.0.1", 80)
    threads = [each for each in threading.enumerate() if each.name.startswith("fetch-dns")]
    assert threads
    del resolver
    gc.collect()
    for thread in threads:
        await asyncio.to_thread(thread.join, 60)
    assert not any(thread.is_alive() for thread in threads)

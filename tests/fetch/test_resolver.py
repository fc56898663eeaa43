from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from pricing_fdm.fetch.resolver import SystemResolver

pytestmark = pytest.mark.anyio


async def test_an_address_resolves_to_itself() -> None:
    """The real resolver of the machine, without a question to any server."""
    resolver = SystemResolver()
    assert await resolver("127.0.0.1", 80) == ["127.0.0.1"]
    assert await resolver("::1", 80) == ["::1"]
    resolver.close()


async def test_failure_is_an_os_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """`network` tells unresolvable names by it."""

    def getaddrinfo(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    resolver = SystemResolver()
    with pytest.raises(OSError, match="not known"):
        await resolver("models.example.com", 443)
    resolver.close()


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
        resolver.close()
    finally:
        answered.set()
    assert all(name.startswith("fetch-dns") for name in threads)
    assert len(threads) <= 8

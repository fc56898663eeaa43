from __future__ import annotations

import asyncio
import gc
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
    assert len(threads) <= 8


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

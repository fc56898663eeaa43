"""The authorities that origins are verified with."""

from __future__ import annotations

import asyncio
import ssl

import httpcore
import pytest

from pricing_fdm.fetch.client import GuardedClient, TrustStore
from pricing_fdm.fetch.policy import FetchPolicy


def test_authorities_are_read_once_for_all_downloads() -> None:
    """And checked: an origin must show a certificate for its own name."""

    async def ask_twice() -> tuple[ssl.SSLContext, ssl.SSLContext]:
        trust = TrustStore(None)
        return await asyncio.gather(trust.context(), trust.context())

    first, second = asyncio.run(ask_twice())
    assert first is second
    assert first.verify_mode is ssl.CERT_REQUIRED
    assert first.check_hostname
    assert first.cert_store_stats()["x509_ca"] > 0


def test_a_client_reads_them_before_the_first_download() -> None:
    """At start, in the background; the first download finds them read."""

    async def read_and_ask() -> ssl.SSLContext:
        client = GuardedClient(FetchPolicy(), total_timeout_s=60)
        await client.read_trust()
        with pytest.MonkeyPatch.context() as patch:
            patch.delattr(httpcore, "default_ssl_context")
            return await client.trust.context()

    assert asyncio.run(read_and_ask()).check_hostname


def test_a_caller_who_leaves_meanwhile_takes_them_from_nobody() -> None:
    """A download may be cancelled while the service starts."""

    async def leave_and_ask() -> ssl.SSLContext:
        trust = TrustStore(None)
        leaving = asyncio.create_task(trust.context())
        await asyncio.sleep(0)
        leaving.cancel()
        return await trust.context()

    assert asyncio.run(leave_and_ask()).check_hostname


def test_a_context_that_is_given_is_the_one() -> None:
    """Tests and private authorities bring their own."""
    given = ssl.create_default_context()
    assert asyncio.run(TrustStore(given).context()) is given


def test_a_reading_that_failed_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment without memory or descriptors must not cost every download until a restart."""
    read, failures = httpcore.default_ssl_context, [OSError("too many open files")]

    def sometimes() -> ssl.SSLContext:
        if failures:
            raise failures.pop()
        return read()

    monkeypatch.setattr(httpcore, "default_ssl_context", sometimes)

    async def ask_again() -> ssl.SSLContext:
        trust = TrustStore(None)
        with pytest.raises(OSError, match="too many"):
            await trust.context()
        return await trust.context()

    assert asyncio.run(ask_again()).check_hostname

"""The metrics on a port of their own: without a token, and bounded like the other port."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

from pricing_fdm.web.metrics_port import metrics_port
from tests.harness.origin import Origin
from tests.harness.service import PLAIN, free_port, running_service
from tests.telemetry.scraped import service_metrics


def scrape(port: int, path: str = "/metrics") -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port}{path}", **PLAIN)


def test_it_shows_the_metrics_until_it_is_left() -> None:
    """A scraper needs no token there; nothing may go on listening."""

    async def story() -> None:
        metrics, port = service_metrics(), free_port()
        metrics.count_error("queue_full")
        async with metrics_port(metrics, "127.0.0.1", port):
            answer = await asyncio.to_thread(scrape, port)
            assert answer.content == metrics.render()
            assert answer.headers["content-type"].startswith("text/plain")
        with pytest.raises(httpx.ConnectError):
            await asyncio.to_thread(scrape, port)

    asyncio.run(story())


def test_it_shows_nothing_else() -> None:
    """And says so in the shape of all errors."""

    async def story() -> None:
        port = free_port()
        async with metrics_port(service_metrics(), "127.0.0.1", port):
            answer = await asyncio.to_thread(scrape, port, "/health")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    asyncio.run(story())


def test_half_open_scrapes_take_no_threads_and_keep_nobody_out(origin: Origin) -> None:
    """Break-in 9: 300 of them were 305 threads, above the shipped PidsLimit."""
    port = free_port()
    with running_service({**origin.environment, "METRICS_PORT": str(port)}) as service:
        scrapers = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(300)]
        for scraper in scrapers:
            scraper.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Half: ")
        assert "pricing_fdm_ready 1.0" in scrape(port).text
        threads = len(list(Path(f"/proc/{service.process.pid}/task").iterdir()))
        assert threads < 30
        for scraper in scrapers:
            scraper.close()

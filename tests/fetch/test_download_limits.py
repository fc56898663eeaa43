"""How much and how long: size, time and turns of the event loop."""

from __future__ import annotations

import asyncio
import os
import tracemalloc
import zlib
from pathlib import Path

import pytest

from pricing_fdm.errors import (
    DownloadFailed,
    ModelTooLarge,
    SourceTimeout,
)
from pricing_fdm.fetch.outcomes import FetchOutcome
from pricing_fdm.fetch.pace import MOST_SMALL_PIECES
from pricing_fdm.fetch.policy import FetchPolicy
from tests.fetch.origin import (
    OK,
    answers,
    failed_fetch,
    fetching,
    replies,
    serving,
)

pytestmark = pytest.mark.anyio


async def test_b2_a_declared_size_over_the_limit_writes_nothing(tmp_path: Path) -> None:
    """B2: the file is not even created, or its missing directory would show."""

    async def head_only(writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Length: 1001\r\n\r\n")
        await origin.hung_up.wait()

    async with serving(head_only) as origin:
        error = await failed_fetch(origin, tmp_path / "missing" / "model", max_bytes=1000)
    assert isinstance(error, ModelTooLarge)
    assert error.outcome == FetchOutcome.TOO_LARGE


async def test_b3_an_endless_body_stops_at_the_limit(tmp_path: Path) -> None:
    """B3: counted while written; no more than the limit reaches the disk or the memory."""
    limit = 2 * 1024 * 1024
    destination, witness = tmp_path / "model", tmp_path / "witness"

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"\r\n")
        while True:
            writer.write(bytes(65536))
            await writer.drain()
            if destination.exists() and not witness.exists():
                os.link(destination, witness)

    async with serving(endless) as origin:
        tracemalloc.start()
        error = await failed_fetch(origin, destination, max_bytes=limit)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert isinstance(error, ModelTooLarge)
    assert witness.stat().st_size <= limit
    assert peak_bytes < 16 * 1024 * 1024


async def test_b3_one_byte_over_the_limit_is_too_many(tmp_path: Path) -> None:
    """B3: the counter is exact, also where nothing is declared."""
    async with serving(replies(OK + b"\r\n" + bytes(1001))) as origin:
        error = await failed_fetch(origin, tmp_path / "model", max_bytes=1000)
    assert isinstance(error, ModelTooLarge)
    assert error.log_detail == "http://127.0.0.1 sent more"


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "not declared"])
async def test_b4_a_gzip_bomb_is_never_inflated_to_the_end(declared: bool, tmp_path: Path) -> None:
    """B4: with its header it ends at a ratio; without, it is just 65 KB of bytes."""
    compressor = zlib.compressobj(9, wbits=31)
    bomb = compressor.compress(bytes(64 * 1024 * 1024)) + compressor.flush()
    headers = ["Content-Encoding: gzip"] if declared else []
    async with (
        serving(answers(bomb, headers=headers)) as origin,
    ):
        fetcher = fetching(origin.policy())
        tracemalloc.start()
        try:
            result = await fetcher.fetch(origin.url(), tmp_path / "model")
        except DownloadFailed as error:
            size, outcome = 0, error.outcome
        else:
            size, outcome = result.size_bytes, "ok"
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak_bytes < 4 * 1024 * 1024
    assert (size, outcome) == ((0, "encoded") if declared else (len(bomb), "ok"))


async def test_b5_a_drip_meets_the_total_deadline(tmp_path: Path) -> None:
    """B5: each byte resets the read timeout; the total deadline does not care."""
    async with serving(drip) as origin:
        error = await failed_fetch(origin, tmp_path / "model", total_timeout_s=0.5)
    assert isinstance(error, SourceTimeout)
    assert error.outcome == FetchOutcome.TIMEOUT


async def test_b5_a_drip_meets_the_minimum_speed(tmp_path: Path) -> None:
    """B5: and long before the deadline it is too slow."""
    async with serving(drip) as origin:
        error = await failed_fetch(
            origin, tmp_path / "model", min_bytes_per_s=32 * 1024, speed_window_s=0.2
        )
    assert isinstance(error, SourceTimeout)
    assert error.outcome == FetchOutcome.TOO_SLOW


async def test_b5_silence_meets_the_read_timeout(tmp_path: Path) -> None:
    """An origin that stops in the middle of the body."""

    async def stall(writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Length: 100\r\n\r\nmesh")
        await origin.hung_up.wait()

    async with serving(stall) as origin:
        error = await failed_fetch(origin, tmp_path / "model", read_timeout_s=0.2)
    assert isinstance(error, SourceTimeout)
    assert error.outcome == FetchOutcome.STALLED


async def test_b5_headers_that_never_end_meet_the_total_deadline(tmp_path: Path) -> None:
    """The head can drip as well as the body."""

    async def headers(writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        while True:
            writer.write(b"X: x\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(headers) as origin:
        error = await failed_fetch(origin, tmp_path / "model", total_timeout_s=0.5)
    assert error.outcome == FetchOutcome.TIMEOUT


async def test_b5_the_deadline_covers_name_resolution(tmp_path: Path) -> None:
    """Whatever is slow, the caller's time is what counts."""

    async def resolver(*_: object) -> list[str]:
        await asyncio.sleep(3600)
        return []

    fetcher = fetching(FetchPolicy(), resolver=resolver, total_timeout_s=0.1)
    with pytest.raises(SourceTimeout) as caught:
        await fetcher.fetch("https://slow.example/x", tmp_path / "model")
    assert caught.value.outcome == FetchOutcome.TIMEOUT


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(b"HTTP/1.1 100 \r\n\r\n" * 12_000, id="interim answers"),
        pytest.param(
            OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 30_000,
            id="one-byte chunks",
        ),
    ],
)
async def test_d6_a_flood_of_tiny_pieces_does_not_stop_the_others(
    flood: bytes, tmp_path: Path
) -> None:
    """D6: 64 KiB of these took 0.6 s to parse in one go, and the whole service stood still."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async with serving(replies(flood)) as origin:
        task = asyncio.create_task(others())
        await failed_fetch(origin, tmp_path / "model")
        task.cancel()
    assert turns > 30


@pytest.mark.parametrize("size", [1, 20])
async def test_a_body_in_too_many_small_chunks_is_refused(size: int, tmp_path: Path) -> None:
    """4 MB in chunks of 16 bytes took the service 5 s of CPU."""
    chunk = b"%x\r\n%s\r\n" % (size, b"x" * size)
    # Packets end in the middle of chunks, which makes some more pieces.
    few, many = chunk * (MOST_SMALL_PIECES // 2), chunk * (MOST_SMALL_PIECES + 1)
    head, end = OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0\r\n\r\n"
    async with serving(replies(head + few + end)) as origin:
        taken = await fetching(origin.policy()).fetch(origin.url(), tmp_path / "taken")
        assert taken.size_bytes == size * (MOST_SMALL_PIECES // 2)
    async with serving(replies(head + many + end)) as origin:
        error = await failed_fetch(origin, tmp_path / "model")
    assert isinstance(error, SourceTimeout)
    assert error.outcome == FetchOutcome.TOO_SLOW
    assert error.log_detail == "http://127.0.0.1 sent too many small pieces"


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"Content-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)

from __future__ import annotations

import asyncio
import ssl

import httpcore
import pytest

from pricing_fdm.fetch.stream import (
    BODY_PIECE_BYTES,
    HEAD_PIECE_BYTES,
    MOST_HEAD_BYTES,
    PiecewiseStream,
)

pytestmark = pytest.mark.anyio


class Endless(httpcore.AsyncNetworkStream):
    """Always has as much to read as it is asked for."""

    async def read(self, max_bytes: int, *_: object) -> bytes:
        return bytes(max_bytes)

    async def start_tls(self, *_: object) -> Endless:
        return Endless()


async def test_reads_are_small_until_the_head_is_read() -> None:
    """What one read returns is parsed in one go, while every other caller waits."""
    stream = PiecewiseStream(Endless())
    assert len(await stream.read(64 * 1024)) == HEAD_PIECE_BYTES
    assert len(await stream.read(10)) == 10
    stream.head_is_read()
    assert len(await stream.read(1024 * 1024)) == BODY_PIECE_BYTES


async def test_tls_does_not_lift_the_bound() -> None:
    """Httpcore goes on with what `start_tls` returns."""
    stream = await PiecewiseStream(Endless()).start_tls(ssl.create_default_context())
    assert len(await stream.read(64 * 1024)) == HEAD_PIECE_BYTES


async def test_every_read_lets_other_tasks_run() -> None:
    """What TLS has decrypted already is returned without waiting for the network."""
    stream = PiecewiseStream(Endless())
    turns: list[int] = []
    other = asyncio.create_task(asyncio.sleep(0))
    other.add_done_callback(lambda _: turns.append(1))
    for _ in range(5):
        await stream.read(1)
    assert turns


async def test_what_comes_before_a_body_has_an_end() -> None:
    """5 MB of `100 Continue` took 3 s of CPU; a body may be as long as it likes."""
    stream = PiecewiseStream(Endless())
    for _ in range(MOST_HEAD_BYTES // HEAD_PIECE_BYTES):
        await stream.read(HEAD_PIECE_BYTES)
    with pytest.raises(httpcore.RemoteProtocolError):
        await stream.read(HEAD_PIECE_BYTES)
    stream.head_is_read()
    for _ in range(2 * MOST_HEAD_BYTES // BODY_PIECE_BYTES):
        assert await stream.read(BODY_PIECE_BYTES)

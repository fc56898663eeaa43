"""A connection ends in bounded time, and its last answer arrives (break-in 5)."""

from __future__ import annotations

import pytest
from starlette.types import Receive, Scope, Send

from pricing_fdm.web import closing
from tests.web.listening import answers, listening, read_to_end, run

HEAD = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n"
LARGE = bytes(16 * 1024 * 1024)


def test_what_follows_an_answer_is_thrown_away_until_the_caller_ends() -> None:
    """A reset would reach the caller before the answer does, while it still sends."""

    async def story() -> None:
        async with listening(answers) as listener:
            reader, writer = await listener.connect(HEAD)
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"connection: close" in head
            writer.write(b"A" * 1_000_000)
            await writer.drain()
            assert await read_to_end(reader) == b"OK"
            writer.close()
            await listener.until(lambda: not listener.state.connections)

    run(story())


def test_who_keeps_sending_after_the_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break-in 5: by time, though bytes come, and by their number."""
    monkeypatch.setattr(closing, "LINGER_BYTES", 100_000)
    monkeypatch.setattr(closing, "LINGER_S", 3600)

    async def story() -> None:
        async with listening(answers) as listener:
            reader, writer = await listener.connect(HEAD)
            assert (await read_to_end(reader)).endswith(b"OK")
            writer.write(b"A" * 100_000)
            await listener.until(lambda: not listener.state.connections)

    run(story())


def test_who_keeps_silent_after_the_answer_is_cut() -> None:
    """Break-in 5: no byte has to come for that."""

    async def story() -> None:
        async with listening(answers) as listener:
            reader, _writer = await listener.connect(HEAD)
            assert (await read_to_end(reader)).endswith(b"OK")
            await listener.until(lambda: not listener.state.connections)

    run(story())


async def answers_much(scope: Scope, receive: Receive, send: Send) -> None:
    """More than the buffers of the system hold."""
    headers = [(b"content-length", str(len(LARGE)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": LARGE})


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        HEAD,
    ],
    ids=["kept alive", "closing", "unread"],
)
def test_who_does_not_take_the_answer_is_cut(
    request_head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Break-in 5: a transport alone would hold the answer for ever."""
    monkeypatch.setattr(closing, "WRITE_TIMEOUT_S", 0.5)
    monkeypatch.setattr(closing, "LINGER_S", 0.5)

    async def story() -> None:
        async with listening(answers_much) as listener:
            reader, _writer = await listener.connect(request_head)
            reader._transport.pause_reading()  # type: ignore[attr-defined]
            await listener.until(lambda: not listener.state.connections)

    run(story())


def test_who_takes_the_answer_in_time_gets_all_of_it() -> None:
    """The deadline is for those who take nothing."""

    async def story() -> None:
        async with listening(answers_much) as listener:
            reader, writer = await listener.connect(HEAD)
            answer = await read_to_end(reader)
            assert answer.endswith(LARGE)
            writer.close()

    run(story())

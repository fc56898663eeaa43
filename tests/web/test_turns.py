"""No connection holds the loop by what it sends (break-in 6)."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time

import pytest
from starlette.types import Receive, Scope, Send

from pricing_fdm.fetch.pace import MOST_SMALL_PIECES
from pricing_fdm.web import turns
from pricing_fdm.web.turns import MOST_WITHOUT_FILE, Turns
from tests.web.listening import END_OF_ANSWER, answers, listening, read_to_end, reads, run

JSON_HEAD = b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
HEAD = JSON_HEAD.replace(b"Transfer", b"Content-Type: multipart/form-data; boundary=b\r\nTransfer")
ONE_BYTE_CHUNK = b"1\r\nA\r\n"
ONE_BYTE_CHUNKS = ONE_BYTE_CHUNK * 40_000
END = b"0\r\n\r\n"


async def longest_turn_s(ends: asyncio.Event) -> float:
    """The most CPU time between two turns of the loop, until something ends.

    CPU time of this thread: what other programs on the machine do is not in it.
    """
    longest, before = 0.0, time.thread_time()
    while not ends.is_set():
        await asyncio.sleep(0)
        now = time.thread_time()
        longest, before = max(longest, now - before), now
    return longest


def test_one_byte_chunks_are_parsed_in_many_turns() -> None:
    """Break-in 6: eight packets of them took 9 s, in which `/health` waited."""

    async def story() -> None:
        async with listening(reads) as listener:
            ended = asyncio.Event()

            async def attack() -> None:
                for reader, writer in [await listener.connect(HEAD) for _ in range(8)]:
                    writer.write(ONE_BYTE_CHUNKS + END)
                    callers.append(reader)
                for reader in callers:
                    assert (await reader.readuntil(END_OF_ANSWER)).startswith(b"HTTP/1.1 200")
                ended.set()

            callers: list[asyncio.StreamReader] = []
            task = asyncio.create_task(attack())
            # A turn is 5 ms of parsing, and what else is due in it.
            assert await longest_turn_s(ended) < 0.1
            await task

    run(story())


def test_one_byte_chunks_after_the_answer_are_not_parsed_at_all() -> None:
    """Break-in 6: "also after the answer"."""

    async def story() -> None:
        async with listening(answers) as listener:
            reader, writer = await listener.connect(HEAD)
            assert (await read_to_end(reader)).endswith(b"OK")
            before = time.thread_time()
            for _ in range(20):
                writer.write(ONE_BYTE_CHUNKS)
                await writer.drain()
            writer.close()
            await listener.until(lambda: not listener.state.connections)
            assert time.thread_time() - before < 2, "to parse 5 MB of them takes 20 s"

    run(story())


@pytest.mark.parametrize(
    ("head", "most"), [(HEAD, MOST_SMALL_PIECES), (JSON_HEAD, MOST_WITHOUT_FILE)]
)
def test_a_body_in_too_many_small_chunks_is_refused(head: bytes, most: int) -> None:
    """Break-in 6, once more: 0.8 MB of them took 8 s of CPU, a millisecond at a time.

    Where no file is sent, 2,000 are enough: eight callers made the service work for 5 s.
    """

    async def story() -> None:
        async with listening(reads) as listener:
            reader, writer = await listener.connect(head)
            writer.write(ONE_BYTE_CHUNK * most + END + head)
            assert (await reader.readuntil(END_OF_ANSWER)).startswith(b"HTTP/1.1 200")
            with contextlib.suppress(ConnectionError):  # it is refused before all is sent
                writer.write(ONE_BYTE_CHUNK * (most + 1) + END)
                await writer.drain()
            answer = await read_to_end(reader)
            assert answer.startswith(b"HTTP/1.1 400")
            assert b"invalid_request" in answer

    run(story())


def test_each_body_of_a_connection_may_have_its_small_chunks() -> None:
    """They are counted for one request, and not for a connection that lives for hours."""

    async def story() -> None:
        async with listening(reads) as listener:
            reader, writer = await listener.connect(HEAD)
            writer.write(ONE_BYTE_CHUNKS + END + HEAD + ONE_BYTE_CHUNKS + END)
            for _ in range(2):
                assert (await reader.readuntil(END_OF_ANSWER)).startswith(b"HTTP/1.1 200")
            writer.close()

    run(story())


def test_a_body_in_many_turns_arrives_whole() -> None:
    """And the next request on the connection after it."""
    got: list[bytes] = []

    async def story() -> None:
        async def keeps(scope: Scope, receive: Receive, send: Send) -> None:
            body, more = b"", True
            while more:
                message = await receive()
                body, more = body + message["body"], message["more_body"]
            got.append(body)
            await answers(scope, receive, send)

        async with listening(keeps) as listener:
            reader, writer = await listener.connect(HEAD)
            writer.write(ONE_BYTE_CHUNKS + END + HEAD + b"3\r\nend\r\n" + END)
            for _ in range(2):
                await reader.readuntil(END_OF_ANSWER)
            writer.close()

    run(story())
    assert got == [b"A" * 40_000, b"end"]


def test_those_who_had_no_share_come_before_those_who_want_another() -> None:
    """Otherwise one that never ends would keep the others out."""

    async def story() -> None:
        in_turn, all_came = Turns(), asyncio.Event()
        order: list[int] = []

        def busy(name: int, again: int) -> None:
            order.append(name)
            ends = time.monotonic() + 0.003
            while time.monotonic() < ends:
                pass
            if again:
                in_turn.join(functools.partial(busy, name, again - 1))
            elif len(order) == 12:
                all_came.set()

        for name in range(4):
            in_turn.join(functools.partial(busy, name, 2))
        async with asyncio.timeout(60):
            await all_came.wait()
        assert order == [0, 1, 2, 3] * 3

    run(story())


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"transfer-encoding: chunked\r\nCONTENT-LENGTH: 4\r\n",
    ],
)
def test_a_request_with_two_lengths_is_refused_and_its_connection_closed(lengths: bytes) -> None:
    """Break-in 12, RFC 9112, 6.3: a proxy that believes the other one lets a request through."""
    asked: list[str] = []

    async def story() -> None:
        async def notes(scope: Scope, receive: Receive, send: Send) -> None:
            asked.append(scope["path"])
            await answers(scope, receive, send)

        async with listening(notes) as listener:
            smuggled = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
            reader, _ = await listener.connect(
                b"POST /x HTTP/1.1\r\nHost: x\r\n" + lengths + b"\r\n0\r\n\r\n" + smuggled
            )
            answer = await read_to_end(reader)
            assert answer.startswith(b"HTTP/1.1 400 ")
            assert b"HTTP/1.1 200" not in answer

    run(story())
    assert asked == []


def test_a_pipeline_of_requests_without_a_body_stays_open_at_every_interruption(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A share that ends between a head and its end must not look like a body that is to come."""
    monkeypatch.setattr(turns, "_SHARE_S", -1.0)

    async def story() -> None:
        async with listening(answers) as listener:
            reader, writer = await listener.connect()
            writer.write(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
            for _ in range(100):
                assert b"connection: close" not in await reader.readuntil(END_OF_ANSWER)

    run(story())

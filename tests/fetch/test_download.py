"""What a good download gives, and what a bad one leaves: nothing."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from pathlib import Path

import pytest

from pricing_fdm.errors import (
    SourceFailed,
    SourceRefused,
)
from pricing_fdm.fetch.outcomes import FetchOutcome
from pricing_fdm.fetch.policy import FetchPolicy, parse_allowed_cidrs, parse_allowed_hosts
from tests.fetch.origin import (
    OK,
    answers,
    entries,
    fetching,
    is_there,
    replies,
    serving,
)

pytestmark = pytest.mark.anyio


async def test_the_file_arrives_with_its_size_and_hash(tmp_path: Path) -> None:
    """The hash is the key of the result cache, the size goes into the quote."""
    body = os.urandom(300_000)
    destination = tmp_path / "model"
    async with serving(answers(body)) as origin:
        fetcher = fetching(origin.policy())
        result = await fetcher.fetch(origin.url(), destination)
    assert destination.read_bytes() == body
    assert result.path == destination
    assert result.size_bytes == len(body)
    assert result.sha256 == hashlib.sha256(body).hexdigest()


async def test_the_request_is_what_was_signed_and_no_more(tmp_path: Path) -> None:
    """Byte for byte: SigV4 covers path, query and Host. No cookies, no coding, no reuse."""
    target = "/b%2fc/part.stl?X-Amz-Signature=%2Bab%2f&x={}"
    async with serving(answers()) as origin:
        fetcher = fetching(origin.policy())
        await fetcher.fetch(origin.url(f"{target}#fragment"), tmp_path / "model")
    assert origin.heads == [
        f"GET {target} HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{origin.port}\r\n"
        "User-Agent: pricing-fdm\r\n"
        "Accept: */*\r\n"
        "Accept-Encoding: identity\r\n"
        "Connection: close\r\n\r\n".encode()
    ]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(OK + b"Content-Length: 4\r\n\r\nmesh", id="declared"),
        pytest.param(
            OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nm\r\n3;x=y\r\nesh\r\n0\r\nT: t\r\n\r\n",
            id="chunked",
        ),
        pytest.param(OK + b"\r\nmesh", id="until the connection closes"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\nmesh", id="HTTP 1.0"),
        pytest.param(
            b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK + b"Content-Length: 4\r\n\r\nmesh",
            id="after an early hint",
        ),
        pytest.param(OK + b"Content-Length: 4\r\n\r\nmesh and more", id="more than declared"),
    ],
)
async def test_every_legal_framing_is_read(raw: bytes, tmp_path: Path) -> None:
    """Object stores differ; the bytes must not."""
    async with serving(replies(raw)) as origin:
        fetcher = fetching(origin.policy())
        result = await fetcher.fetch(origin.url(), tmp_path / "model")
    assert result.path.read_bytes() == b"mesh"


async def test_an_empty_file_is_a_result(tmp_path: Path) -> None:
    """The mesh stage says what is wrong with it."""
    async with serving(answers(b"")) as origin:
        fetcher = fetching(origin.policy())
        result = await fetcher.fetch(origin.url(), tmp_path / "model")
    assert (result.size_bytes, result.path.read_bytes()) == (0, b"")


async def test_a_file_of_exactly_the_limit_is_taken(tmp_path: Path) -> None:
    """The limit itself is allowed."""
    async with (
        serving(answers(bytes(1000))) as origin,
    ):
        fetcher = fetching(origin.policy(), max_bytes=1000)
        assert (await fetcher.fetch(origin.url(), tmp_path / "model")).size_bytes == 1000


async def test_one_fetcher_serves_many_at_once(tmp_path: Path) -> None:
    """Each download has a connection of its own; none can get another's bytes."""

    async def echo(writer: asyncio.StreamWriter) -> None:
        target = origin.heads[-1].split()[1]
        await asyncio.sleep(0)
        writer.write(OK + b"\r\n" + target)

    async with serving(echo) as origin:
        fetcher = fetching(origin.policy())
        results = await asyncio.gather(
            *(fetcher.fetch(origin.url(f"/{n}"), tmp_path / f"{n}") for n in range(20))
        )
    assert [result.path.read_bytes() for result in results] == [f"/{n}".encode() for n in range(20)]
    assert origin.connections == 20


async def test_a_cancelled_download_leaves_no_file_and_no_connection(tmp_path: Path) -> None:
    """The caller hung up: disk and socket must be free at once."""
    destination = tmp_path / "model"

    async def slow(writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Length: 100\r\n\r\nmesh")
        await origin.hung_up.wait()

    async with serving(slow) as origin:
        fetcher = fetching(origin.policy())
        task = asyncio.create_task(fetcher.fetch(origin.url(), destination))
        while not is_there(destination):  # noqa: ASYNC110 - a file announces itself to nobody
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not is_there(destination)
        await asyncio.wait_for(origin.hung_up.wait(), 60)


async def test_a_file_that_is_already_there_is_neither_written_nor_removed(tmp_path: Path) -> None:
    """Two downloads into one name are a fault of ours, not to be hidden."""
    destination = tmp_path / "model"
    destination.write_bytes(b"another's")
    async with serving(answers(b"mesh")) as origin:
        fetcher = fetching(origin.policy())
        with pytest.raises(FileExistsError):
            await fetcher.fetch(origin.url(), destination)
    assert destination.read_bytes() == b"another's"


async def test_a_file_that_cannot_be_written_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full; the pipeline says so, for this step as for others (E9)."""
    destination = tmp_path / "model"

    def full(*_: object) -> bool:
        assert destination.exists()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pricing_fdm.fetch.pace.Pace.keeps_up", full)
    async with serving(answers(b"mesh")) as origin:
        with pytest.raises(OSError, match="No space left"):
            await fetching(origin.policy()).fetch(origin.url(), destination)
    assert not destination.exists()


async def test_no_descriptor_is_lost(tmp_path: Path) -> None:
    """Fifty failed and fifty good downloads; a leak of one each would show."""

    async def every_other(writer: asyncio.StreamWriter) -> None:
        length = 4 + origin.connections % 2
        writer.write(OK + f"Content-Length: {length}\r\n\r\nmesh".encode())

    async with serving(every_other) as origin:
        fetcher = fetching(origin.policy())
        before = entries(Path("/proc/self/fd"))
        for number in range(100):
            try:
                await fetcher.fetch(origin.url(), tmp_path / f"{number}")
            except SourceFailed:
                continue
        async with asyncio.timeout(60):  # the origin lets go of its ends
            while entries(Path("/proc/self/fd")) > before + 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert entries(tmp_path) == 50


async def test_a_private_address_opened_by_name_only_stays_closed(tmp_path: Path) -> None:
    """Name check and address check are both required; neither replaces the other."""
    async with serving(answers()) as trap:
        policy = FetchPolicy(
            parse_allowed_hosts(f"127.0.0.1:{trap.port}"),
            parse_allowed_cidrs("127.0.0.2"),
            allow_http=True,
        )
        fetcher = fetching(policy)
        with pytest.raises(SourceRefused) as caught:
            await fetcher.fetch(trap.url(), tmp_path / "model")
    assert caught.value.outcome == FetchOutcome.ADDRESS_LOOPBACK
    assert trap.connections == 0

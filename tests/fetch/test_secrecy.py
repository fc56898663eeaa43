"""F4: the signature of a presigned URL reaches the origin, and nothing else."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from pricing_fdm.errors import ModelTooLarge, SourceError
from pricing_fdm.fetch.policy import FetchPolicy
from tests.fetch.origin import Answer, CountingResolver, answers, fetching, replies, serving

pytestmark = pytest.mark.anyio

CANARY = "CANARY0123456789"
TARGET = f"/bucket/{CANARY}/part.stl?X-Amz-Signature={CANARY}"


async def echo_as_garbage(writer: asyncio.StreamWriter) -> None:
    writer.write(f"GET {TARGET}\r\n\r\n".encode())


PATHS: dict[str, Answer] = {
    "success": answers(b"mesh"),
    "redirect that echoes the query": answers(b"", "302 Found", [f"Location: /x{TARGET}"]),
    "403 that echoes the query": answers(TARGET.encode(), f"403 {CANARY}", [f"X-Url: {TARGET}"]),
    "404": answers(b"", "404 Not Found"),
    "503": answers(b"", f"503 {CANARY}"),
    "204": replies(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "coded, with the query for a coding": answers(b"", headers=[f"Content-Encoding: {CANARY}"]),
    "too large": answers(b"", length=10**12),
    "truncated": answers(b"", length=100),
    "garbage that echoes the query": echo_as_garbage,
    "bad chunk that echoes the query": replies(
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{CANARY}\r\n".encode()
    ),
}


def everything_told(error: BaseException) -> str:
    """All texts that a log, a traceback or a crash report would show of an error."""
    details = [str(getattr(error, name, "")) for name in ("detail", "log_detail", "outcome")]
    rendered = traceback.format_exception(error)
    return "\n".join([str(error), repr(error), repr(vars(error)), *details, *rendered])


@pytest.mark.parametrize("answer", PATHS.values(), ids=PATHS.keys())
async def test_f4_no_log_and_no_error_repeats_the_signature(
    answer: Answer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """F4: at DEBUG, on every way a download can end, with an origin that tries to help."""
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    told = ""
    async with serving(answer) as origin:
        fetcher = fetching(origin.policy())
        try:
            told = repr(await fetcher.fetch(origin.url(TARGET), tmp_path / "model"))
        except (SourceError, ModelTooLarge) as error:
            told = everything_told(error)
    assert CANARY in origin.heads[0].decode()
    assert told
    assert CANARY not in told
    assert not [record for record in caplog.records if CANARY in repr(vars(record))]


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"https://models.example.com{TARGET}", id="unreachable"),
        pytest.param(f"http://models.example.com{TARGET}", id="scheme"),
        pytest.param(f"https://{CANARY}@models.example.com/", id="user part"),
        pytest.param(f"https://models.example.com%2F{CANARY}/", id="encoded host"),
        pytest.param(f"https://models.example.com:{CANARY}/", id="port"),
        pytest.param(f"https://models.example.com/\n{CANARY}", id="control character"),
        pytest.param(f"models.example.com{TARGET}&next=https://x.example", id="no scheme"),
        pytest.param(f"https://models.example.com/{CANARY * 300}", id="too long"),
    ],
)
async def test_f4_no_refusal_repeats_the_signature(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """F4: before anything is dialled."""
    caplog.set_level(logging.DEBUG)
    fetcher = fetching(FetchPolicy(), resolver=CountingResolver([]))
    with pytest.raises(SourceError) as caught:
        await fetcher.fetch(url, tmp_path / "model")
    assert CANARY not in everything_told(caught.value)
    assert not [record for record in caplog.records if CANARY in repr(vars(record))]


def test_f4_a_fetcher_quiets_the_libraries() -> None:
    """Httpx logs every request at INFO, httpcore the origin's headers at DEBUG."""
    fetching(FetchPolicy())
    for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)


def test_importing_the_package_changes_no_logger() -> None:
    """An import must not have effects that the importer cannot see."""
    code = (
        "import logging, pricing_fdm.fetch.download;"
        "print([logging.getLogger(n).level for n in ('httpx', 'httpcore')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[0, 0]"

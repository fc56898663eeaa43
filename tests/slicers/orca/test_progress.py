"""OrcaSlicer's progress is read from its pipe."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from pricing_fdm.slicers.orca.progress import orca_percent, progress_pipe


@pytest.mark.parametrize(
    ("line", "percent"),
    [
        (b'{"message":"Slicing begins","plate_percent":4,"total_percent":6}', 6),
        (b'{"total_percent": 100, "message": "All done, Success"}', 100),
        (b'{"message":"cut off at 512 bytes","plate_perc', None),
        (b'{"total_percent":1000}', None),
        (b"", None),
    ],
)
def test_orcaslicer_s_states_are_read(line: bytes, percent: int | None) -> None:
    """As recorded from 2.3.1."""
    assert orca_percent(line) == percent


def test_a_pipe_is_heard_to_its_end_whoever_opens_and_closes_it(tmp_path: Path) -> None:
    """A FIFO whose writer has gone would report its end without end, at 100 % CPU."""
    heard: list[bytes] = []
    news = asyncio.Event()
    path = tmp_path / "progress"

    def hear(chunk: bytes) -> None:
        heard.append(chunk)
        news.set()

    def write(text: bytes) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        os.write(descriptor, text)
        os.close(descriptor)

    async def listen() -> None:
        with progress_pipe(path, hear):
            for text in (b"one\n", b"two\n"):
                news.clear()
                write(text)
                await news.wait()
            write(b"three\n")

    asyncio.run(listen())
    assert heard == [b"one\n", b"two\n", b"three\n"]


def test_a_pipe_that_nobody_writes_to_is_no_fault(tmp_path: Path) -> None:
    """A slicer may crash before it opens it."""
    heard: list[bytes] = []

    async def listen() -> None:
        with progress_pipe(tmp_path / "progress", heard.append):
            pass

    asyncio.run(listen())
    assert heard == []

"""A heavy model may take its time; a program that hangs may not."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from pricing_fdm.sandbox.process import Limit, Limits, Outcome, run
from pricing_fdm.sandbox.progress import Progress


def percent_of(line: bytes) -> int | None:
    """Reads lines such as `20 => b`."""
    percent, arrow, _ = line.partition(b" => ")
    return int(percent) if arrow else None


def test_percentages_only_rise_and_lines_may_come_in_pieces() -> None:
    """Who watches is not reported twice, never that it went back, and never more than all."""
    reported: list[int] = []
    progress = Progress(percent_of, reported.append)
    for piece in (b"1", b"0 => a\n20 =", b"> b\nnoise\n", b"10 => c\n20 => d\n", b"400 => e\n45"):
        progress.feed(piece)
    assert reported == [10, 20, 100]


def test_a_line_without_end_costs_no_memory() -> None:
    """500 MB of chatter without a line feed are the slicer's right, not its right to our memory."""
    reported: list[int] = []
    progress = Progress(percent_of, reported.append)
    for _ in range(100):
        progress.feed(b"x" * 65_536)
    assert len(progress._unfinished) <= 1024
    progress.feed(b"\n30 => Preparing infill\n")
    assert reported == [30]


def test_each_line_grants_the_silence_anew_but_never_more_than_the_hard_limit() -> None:
    """A slice of an hour that says something every minute is alive."""

    async def watch() -> None:
        loop, progress = asyncio.get_running_loop(), Progress(percent_of)
        async with asyncio.timeout(100) as deadline:
            hard_s = deadline.when()
            assert hard_s is not None
            with progress.ending(deadline, 10):
                assert deadline.when() == hard_s, "silent before its first word: not judged by it"
                ends: list[float] = []
                for line in (b"10 => a\n", b"20 => b\n", b"15 => no higher, but alive\n"):
                    before = loop.time()
                    progress.feed(line)
                    end = deadline.when()
                    assert end is not None
                    assert before + 10 <= end <= loop.time() + 10
                    ends.append(end)
                    await asyncio.sleep(0.01)
                assert ends == sorted(set(ends))
                progress.feed(b"Warning: noise is no progress\n")
                assert deadline.when() == ends[-1]
            with progress.ending(deadline, 1000):
                progress.feed(b"30 => c\n")
                assert deadline.when() == ends[-1]
            progress.feed(b"40 => nobody waits any longer\n")
        assert not progress.fell_silent

    asyncio.run(watch())


def test_a_line_that_comes_after_the_hard_limit_changes_nothing() -> None:
    """It may stand in the pipe when the group is being killed."""
    progress = Progress(percent_of)

    async def watch() -> None:
        async with asyncio.timeout(0) as deadline:
            with progress.ending(deadline, 5):
                try:
                    await asyncio.sleep(60)
                finally:
                    progress.feed(b"10 => too late\n")

    with pytest.raises(TimeoutError):
        asyncio.run(watch())
    assert not progress.fell_silent


def outcome_of(text: str, folder: Path, *, silence_s: float) -> Outcome:
    """Runs a Python text that tells of its progress on stdout."""
    limits = Limits(
        wall_s=120, cpu_s=120, memory_bytes=2 * 1024**3, file_size_bytes=1, silence_s=silence_s
    )
    return asyncio.run(
        run(
            [sys.executable, "-I", "-S", "-c", text],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin"},
            limits=limits,
            progress=Progress(percent_of, in_stdout=True),
        )
    )


@pytest.mark.parametrize(
    "stuck", ["import time; time.sleep(600)", "while True: pass"], ids=["sleeps", "burns CPU"]
)
def test_a_program_that_gets_stuck_is_ended_long_before_the_hard_limit(
    tmp_path: Path, stuck: str
) -> None:
    """An endless loop in the geometry burns CPU like honest work; only a further step is life."""
    outcome = outcome_of(f"print('10 => a', flush=True)\n{stuck}", tmp_path, silence_s=0.5)
    assert outcome.limit is Limit.SILENCE
    assert "10 => a" in outcome.stdout
    assert outcome.wall_s < 120


def test_a_program_that_never_tells_is_left_to_the_hard_limit(tmp_path: Path) -> None:
    """A release with other words must not fail at every model."""
    outcome = outcome_of("import time; time.sleep(1)", tmp_path, silence_s=0.2)
    assert (outcome.limit, outcome.exit_code) == (None, 0)

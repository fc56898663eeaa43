"""Background tasks do not die in silence, and their end is bounded."""

from __future__ import annotations

import ast
import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor, every

SOURCE = Path(__file__).parents[2] / "src/pricing_fdm"
NAME = BackgroundTask.UPLOAD_SWEEP
PATIENCE_S = 30

# Each of these awaits what it begins, for one request or one job; nothing of it runs by itself.
REQUEST_SCOPED = {
    "concurrency/completion.py",
    "quoting/single_flight.py",
    "quoting/inspection.py",
    "jobs/runner.py",
    "mesh/child/zygote_process.py",  # how its zygote ends is reported
    "web/disconnect.py",
    "web/last_answer.py",
    "web/server.py",  # its drain ends with the process
}


class Reports:
    """Notes what a supervisor reports."""

    def __init__(self) -> None:
        self.told: list[tuple[BackgroundTask, BaseException]] = []

    def supervisor(self, *, pause_s: tuple[float, float] = (0, 0)) -> Supervisor:
        """One that reports here."""
        return Supervisor(lambda task, error: self.told.append((task, error)), pause_s=pause_s)

    def texts(self) -> list[str]:
        """What was reported of `NAME`."""
        assert {task for task, _ in self.told} <= {NAME}
        return [str(error) for _, error in self.told]


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs a test's story; one that hangs fails."""

    async def bounded() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await story()

    asyncio.run(bounded())


def dying(*ends: BaseException | None, lived: asyncio.Event) -> Callable[[], Awaitable[None]]:
    """Work that ends so at each start, and lives on when no end is left."""
    left = list(ends)

    async def work() -> None:
        if left:
            end = left.pop(0)
            if end is not None:
                raise end
            return
        lived.set()
        await asyncio.Event().wait()

    return work


def test_a_task_that_dies_is_reported_and_started_again() -> None:
    """The sweeper died when a file vanished under it, and nobody ever heard of it."""

    async def story() -> None:
        reports, lived = Reports(), asyncio.Event()
        work = dying(FileNotFoundError("gone"), ValueError("odd"), lived=lived)
        async with reports.supervisor().running(NAME, work):
            await lived.wait()
        assert reports.texts() == ["gone", "odd"]

    run(story)


def test_a_task_that_is_cancelled_by_others_has_died_too() -> None:
    """By a future that it awaits, say; asyncio itself says nothing then."""

    async def story() -> None:
        reports, lived = Reports(), asyncio.Event()
        work = dying(asyncio.CancelledError("not by us"), lived=lived)
        async with reports.supervisor().running(NAME, work):
            await lived.wait()
        assert reports.texts() == ["not by us"]

    run(story)


def test_a_task_that_returns_has_done_its_work() -> None:
    """The authorities are read once."""

    async def story() -> None:
        reports, starts = Reports(), 0

        async def work() -> None:
            nonlocal starts
            starts += 1

        async with reports.supervisor().running(NAME, work):
            for _ in range(20):
                await asyncio.sleep(0)
        assert (starts, reports.texts()) == (1, [])

    run(story)


def test_a_task_that_dies_at_once_is_started_less_and_less_often() -> None:
    """A fault that stays must not keep a core busy, nor fill the log."""

    async def story() -> None:
        reports, lived = Reports(), asyncio.Event()
        work = dying(*[RuntimeError()] * 4, lived=lived)
        began_s = time.monotonic()
        async with reports.supervisor(pause_s=(0.02, 0.08)).running(NAME, work):
            await lived.wait()
        assert time.monotonic() - began_s >= 0.02 + 0.04 + 0.08 + 0.08

    run(story)


def test_a_task_is_cancelled_once_and_comes_to_its_end() -> None:
    """A callback that is being made is made; a second cancellation would break it off."""

    async def story() -> None:
        reports, began, cancelled, ended = Reports(), asyncio.Event(), 0, False

        async def work() -> None:
            nonlocal cancelled, ended
            try:
                began.set()
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled += 1
                await asyncio.sleep(0.5)
                ended = True
                raise

        async with reports.supervisor().running(NAME, work):
            await began.wait()
        assert (cancelled, ended, reports.texts()) == (1, True, [])

    run(story)


def test_a_task_that_does_not_end_is_reported_and_left_behind() -> None:
    """Whoever stops the service waits for it, and kills it in the end."""

    async def story() -> None:
        reports, began = Reports(), asyncio.Event()

        async def work() -> None:
            while True:
                began.set()
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    if reports.told:  # the end of this test
                        raise

        async with reports.supervisor().running(NAME, work, end_s=0.05):
            await began.wait()
        assert reports.texts() == ["it did not end within 0.05 s"]

    run(story)


def test_a_task_that_fails_at_its_end_is_reported_and_not_started_again() -> None:
    """Otherwise it would outlive what it works with."""

    async def story() -> None:
        reports, began, starts = Reports(), asyncio.Event(), 0

        async def work() -> None:
            nonlocal starts
            starts += 1
            try:
                began.set()
                await asyncio.Event().wait()
            finally:
                raise OSError("on the way out")

        async with reports.supervisor().running(NAME, work):
            await began.wait()
        assert (starts, reports.texts()) == (1, ["on the way out"])

    run(story)


def test_what_is_done_every_so_often_goes_on_after_a_failure() -> None:
    """The next sweep may find a better world."""

    async def story() -> None:
        reports, again, tries = Reports(), asyncio.Event(), 0

        async def sweep() -> None:
            nonlocal tries
            tries += 1
            if tries == 1:
                raise FileNotFoundError("gone")
            if tries == 3:
                again.set()

        async with reports.supervisor().running(NAME, every(0.01, sweep)):
            await again.wait()
        assert reports.texts() == ["gone"]

    run(story)


def bare_tasks(source: str) -> Iterator[int]:
    """The lines on which a module begins tasks itself; those of a TaskGroup are its group's."""
    tree = ast.parse(source)
    groups = {
        item.optional_vars.id
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncWith)
        for item in node.items
        if isinstance(item.optional_vars, ast.Name) and "TaskGroup" in ast.unparse(item)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"create_task", "ensure_future"}:
            if ast.unparse(node.value) not in groups:
                yield node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module == "asyncio":
            yield node.lineno


def test_nobody_else_begins_a_background_task() -> None:
    """A task that nobody awaits dies in silence."""
    bare = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if any(bare_tasks(path.read_text()))
    }
    assert "concurrency/supervisor.py" in bare
    assert bare - REQUEST_SCOPED == {"concurrency/supervisor.py"}


@pytest.mark.parametrize(
    ("source", "is_bare"),
    [
        ("asyncio.create_task(work())", True),
        ("loop.create_task(work())", True),
        ("asyncio.ensure_future(work())", True),
        ("from asyncio import create_task", True),
        ("begin = asyncio.create_task", True),
        ("async def a():\n async with asyncio.TaskGroup() as g:\n  g.create_task(work())", False),
    ],
)
def test_a_bare_task_is_found(source: str, *, is_bare: bool) -> None:
    """However it is written."""
    assert any(bare_tasks(source)) is is_bare

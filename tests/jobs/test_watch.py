"""A gateway knows whether anybody is there to do its jobs, and says so without being unready."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pricing_fdm.health.readiness import Check, Readiness
from pricing_fdm.jobs.watch import WORKERS, QueueWatch
from tests.harness.redis_server import running_redis
from tests.health.idle import idle_readiness
from tests.jobs.desk import Desk, at_desk


@pytest.fixture
def readiness(tmp_path: Path) -> Readiness:
    """Of a service to which nothing else is wrong."""
    return idle_readiness(tmp_path)


def said(readiness: Readiness) -> Check:
    """What readiness says of the workers."""
    [check] = [check for check in readiness.checks() if check.name == WORKERS]
    return check


def test_workers_that_come_and_go_are_seen(redis_url: str, readiness: Readiness) -> None:
    """Whoever waits for a job hears of each change."""

    async def story(desk: Desk) -> None:
        changes: list[int | None] = []
        watch = QueueWatch(desk.redis, desk.store, readiness, lambda: changes.append(watch.workers))
        await desk.submit()
        assert watch.workers is None
        await watch.look()
        assert (said(readiness).ok, said(readiness).needed) == (False, False)
        assert said(readiness).detail == "no worker takes jobs; 1 jobs wait until one is started"
        assert readiness.is_ready(), "results and page are still to be had"
        for alive_s in (60, 60, 0):
            await desk.attempts.keep("worker", alive_s=alive_s)
            await watch.look()
            assert said(readiness).ok is bool(alive_s)
        assert changes == [0, 1, 0]

    at_desk(redis_url, story)


def test_without_redis_nothing_is_known_of_workers(readiness: Readiness) -> None:
    """None are seen, which is not to say that there are none."""
    with running_redis() as server:

        async def story(desk: Desk) -> None:
            watch = QueueWatch(desk.redis, desk.store, readiness, lambda: None)
            await desk.attempts.keep("worker", alive_s=60)
            seen = []
            with capture_logs() as log:
                for _ in range(2):
                    await watch.look()
                    seen.append(watch.workers)
                    server.stop()
            assert [line["event"] for line in log] == ["redis_away"]
            assert seen == [1, None]
            assert said(readiness).detail == "not known while Redis does not answer"
            assert not readiness.is_ready(), "Redis is needed"

        at_desk(server.new_url(), story)

from __future__ import annotations

import asyncio

import pytest

from pricing_fdm.errors import InvalidRequest
from pricing_fdm.jobs.needed_uploads import NeededUploads
from pricing_fdm.jobs.record import JobSource, SourceKind
from tests.jobs.desk import Desk, at_desk

KEY, OTHER = "a" * 48, "b" * 48
UPLOAD = JobSource(SourceKind.UPLOAD, KEY)


async def free(desk: Desk, kept_s: float = 0) -> list[str]:
    """Which of two uploads may go."""
    return await NeededUploads(desk.redis, kept_s=kept_s).release([KEY, OTHER])


@pytest.mark.parametrize("step", ["queued", "begun", "tried again", "handed back"])
def test_what_an_unfinished_job_needs_stays(redis_url: str, step: str) -> None:
    """Whatever becomes of the job, until it has ended."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit(source=UPLOAD)
        if step != "queued":
            attempt = await desk.begin(job_id)
            if step == "tried again":
                await desk.attempts.try_again(attempt, delay_s=1)
            elif step == "handed back":
                await desk.attempts.hand_back(attempt)
        assert await free(desk) == [OTHER]

    at_desk(redis_url, story)


@pytest.mark.parametrize("well", [True, False])
def test_what_a_job_needed_stays_for_a_while_after_its_end(redis_url: str, *, well: bool) -> None:
    """The page prices it again with other options."""

    async def story(desk: Desk) -> None:
        attempt = await desk.begin(await desk.submit(source=UPLOAD))
        if well:
            await desk.attempts.complete(attempt, {})
        else:
            await desk.attempts.fail(attempt, {}, dead=False)
        assert await free(desk, kept_s=60) == [OTHER]
        assert await free(desk) == [KEY, OTHER]

    at_desk(redis_url, story)


def test_the_end_of_one_job_takes_an_upload_from_no_other(redis_url: str) -> None:
    """One file, priced in several materials at once."""

    async def story(desk: Desk) -> None:
        first, second = [await desk.submit(source=UPLOAD) for _ in range(2)]
        await desk.attempts.complete(await desk.begin(second), {})
        assert await free(desk) == [OTHER]
        await desk.attempts.complete(await desk.begin(first), {})
        assert await free(desk) == [KEY, OTHER]

    at_desk(redis_url, story)


def test_a_job_that_was_lost_keeps_no_upload_for_ever(redis_url: str) -> None:
    """Its record has gone without an end; so goes its need."""

    async def story(desk: Desk) -> None:
        await desk.submit(source=UPLOAD)
        await asyncio.sleep(1)
        assert await free(desk) == [KEY, OTHER]

    at_desk(redis_url, story, ttl_s=1)


def test_no_job_is_taken_for_an_upload_that_goes(redis_url: str) -> None:
    """It was there when the gateway looked, and another process was about to remove it."""

    async def story(desk: Desk) -> None:
        assert await free(desk) == [KEY, OTHER]
        with pytest.raises(InvalidRequest) as refusal:
            await desk.submit(source=UPLOAD)
        assert [fault.field for fault in refusal.value.faults] == ["upload_id"]
        assert await desk.lane() == []

    at_desk(redis_url, story)


def test_what_is_known_of_uploads_has_an_end_and_names_none_j6(redis_url: str) -> None:
    """J6, J7: whoever knows a key may have the model priced; the job that needed it is over."""

    async def story(desk: Desk) -> None:
        await desk.attempts.complete(await desk.begin(await desk.submit(source=UPLOAD)), {})
        await free(desk, kept_s=60)
        names = [str(name) for name in await desk.redis.keys("*")]
        assert {"upload", "swept"} <= {name.split(":")[1] for name in names}
        assert [name for name in names if await desk.redis.ttl(name) == -1] == []
        assert [name for name in names if KEY in name or OTHER in name] == []

    at_desk(redis_url, story)

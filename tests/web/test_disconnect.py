"""Work ends with the channel of its caller."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import pytest
from starlette.types import Message

from pricing_fdm.errors import Draining
from pricing_fdm.quoting.admission import leaving
from pricing_fdm.web.disconnect import CallerLeft, while_awaited


async def stays() -> Message:
    """The channel of a caller who waits."""
    await asyncio.Event().wait()
    raise AssertionError


async def hangs_up() -> Message:
    """The channel of a caller who has left."""
    return {"type": "http.disconnect"}


async def stops() -> NoReturn:
    """The channel at the end of the grace."""
    raise leaving()


def test_the_result_is_returned_while_the_caller_waits() -> None:
    """The ordinary case; a fault of the work comes through too."""

    async def good() -> int:
        await asyncio.sleep(0)
        return 1

    async def bad() -> int:
        raise ZeroDivisionError

    assert asyncio.run(while_awaited(good(), stays)) == 1
    with pytest.raises(ZeroDivisionError):
        asyncio.run(while_awaited(bad(), stays))


@pytest.mark.parametrize(("channel", "raised"), [(hangs_up, CallerLeft), (stops, Draining)])
def test_the_work_is_cancelled_and_cleaned_up_before_the_error_c3(
    channel: object, raised: type[Exception]
) -> None:
    """C3: a slot is free and a folder gone when the request counts as ended."""
    events: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            events.append("cleaned up")

    async def run() -> None:
        with pytest.raises(raised):
            await while_awaited(work(), channel)  # type: ignore[arg-type]
        events.append("ended")

    asyncio.run(run())
    assert events == ["cleaned up", "ended"]


def test_what_is_left_of_the_body_is_no_hang_up() -> None:
    """A channel may still have pieces of it."""
    messages: list[Message] = [{"type": "http.request"}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return messages.pop(0)

    with pytest.raises(CallerLeft):
        asyncio.run(while_awaited(asyncio.Event().wait(), receive))
    assert messages == []

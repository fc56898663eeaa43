"""Stops work that nobody waits for, or that we cannot wait for.

Starlette lets a handler run on when the connection is gone. A slice that nobody waits for would
hold a slot for minutes, so the work races against the caller's hanging up, and against the end of
the grace that a leaving service gives its quotes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

from pricing_fdm.admission import leaving

_T = TypeVar("_T")


class CallerLeft(Exception):
    """The caller hung up before the answer; the work has been stopped and cleaned up."""


async def while_awaited(
    work: Coroutine[Any, Any, _T], receive: Receive, closed: Coroutine[Any, Any, None]
) -> _T:
    """Awaits `work`; cancels it when the caller hangs up or `closed` returns.

    Args:
        work: What to do.
        receive: The request's channel, after its body was read.
        closed: Returns when the service must stop now.

    Raises:
        CallerLeft: The caller hung up first.
        Draining: The service stops.
    """
    task = asyncio.create_task(work)
    hang_up = asyncio.create_task(_hang_up(receive))
    closing = asyncio.create_task(closed)
    everything = (task, hang_up, closing)
    try:
        await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        if hang_up.done():
            raise CallerLeft
        raise leaving()
    finally:
        for pending in everything:
            pending.cancel()
        await asyncio.gather(*everything, return_exceptions=True)


async def _hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

"""Stops work when its caller has left or the service has to stop.

Starlette lets a handler run on when the connection is gone. A slice that nobody waits for would
hold a slot for minutes, so the work ends with the caller's channel: at a hang-up, or at the end of
the grace (`last_answer`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

_T = TypeVar("_T")


class CallerLeft(Exception):
    """The caller hung up before the answer; the work has been stopped and cleaned up."""


async def while_awaited(work: Coroutine[Any, Any, _T], receive: Receive) -> _T:
    """Awaits `work`; cancels it when the caller hangs up or the service stops.

    Args:
        work: What to do.
        receive: The request's channel, after its body was read.

    Raises:
        CallerLeft: The caller hung up first.
        Draining: The service stops.
    """
    task = asyncio.create_task(work)
    hang_up = asyncio.create_task(_hang_up(receive))
    try:
        await asyncio.wait({task, hang_up}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        hang_up.result()
        raise CallerLeft
    finally:
        task.cancel()
        hang_up.cancel()
        await asyncio.gather(task, hang_up, return_exceptions=True)


async def _hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

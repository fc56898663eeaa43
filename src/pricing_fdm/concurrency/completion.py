"""Awaits work to its end even when the caller is cancelled meanwhile.

A killed process must be reaped and a thread must have finished before the folder that they use is
deleted. Cancellation may come at any `await`, more than once, so such work is awaited here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def complete(work: Awaitable[_T]) -> _T:
    """Awaits `work` to its end; a cancellation that comes meanwhile is raised afterwards."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        task.exception()  # mark it as retrieved: the caller gets the cancellation instead
        raise cancelled
    return task.result()


async def complete_in_thread(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Runs blocking `work` in a thread and returns only when it has finished."""
    return await complete(asyncio.to_thread(work, *args, **kwargs))

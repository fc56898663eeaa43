"""Ends a task that talks to Redis.

One cancellation may not be enough: where it meets a command at the wrong moment, redis-py 8.1
finishes the command, and the task goes on as if nothing had been said.
"""

from __future__ import annotations

import asyncio
from typing import Any

_PATIENCE_S = 0.1


async def end(task: asyncio.Task[Any]) -> None:
    """Cancels the task until it has ended, and forgets how."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_PATIENCE_S)
    if not task.cancelled():
        task.exception()

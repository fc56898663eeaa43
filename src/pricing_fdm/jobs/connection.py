"""One way to reach Redis: with short timeouts, and without repeating a command.

A command whose answer was lost may have been done. Only the caller knows whether it may be
repeated, so the library's own retries are off. A cancelled command closes its connection: its reply
must not reach the next caller (CVE-2023-28858).
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.resources
from collections.abc import Awaitable
from typing import Any, TypeAlias, TypeVar

import redis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from pricing_fdm.errors import QueueUnavailable

PREFIX = "pricing-fdm"
"""Of every key."""

_CONNECTIONS = 32
_CONNECT_S = 2.0
_ANSWER_S = 5.0
_RETRY_AFTER_S = 5

# Redis is away, starting, a replica, or full: all of which pass. Anything else is a fault of ours.
AWAY = (
    redis.ConnectionError,
    redis.TimeoutError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.OutOfMemoryError,
    redis.exceptions.MasterDownError,
)

Client: TypeAlias = Redis
"""What `connect` makes; named here, so that nobody else needs to know the library."""

_T = TypeVar("_T")


def connect(url: str) -> Redis:
    """A client for one event loop; connects when it is used first. Close it with `aclose`.

    It has a bounded number of connections. A command for which none is free waits for one; the
    library's ordinary pool would refuse it.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_CONNECTIONS,
        timeout=_ANSWER_S,
        decode_responses=True,
        socket_connect_timeout=_CONNECT_S,
        socket_timeout=_ANSWER_S,
        retry=AsyncRetry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)


def connect_threads(url: str) -> redis.Redis:
    """A client for threads, as Dramatiq wants one."""
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=_CONNECT_S,
        socket_timeout=_ANSWER_S,
        retry=Retry(NoBackoff(), 0),
    )


async def answer_of(command: Awaitable[_T]) -> _T:
    """Awaits a command.

    Raises:
        QueueUnavailable: Redis does not answer, or cannot take anything now.
    """
    task = asyncio.current_task()
    cancelled = task.cancelling() if task else 0
    try:
        return await command
    except AWAY as error:
        raise QueueUnavailable(
            "The queue does not answer. Send the request again later.",
            retry_after_s=_RETRY_AFTER_S,
            log_detail=f"{type(error).__name__}: {error}",
        ) from error
    finally:
        # Python 3.11's `wait_for`, in which redis-py sends, loses a cancellation that comes at
        # the very moment at which the command is sent (gh-86296): the task would go on as if it
        # had not been cancelled. The same goes for one that meets a connection being lost.
        if task and task.cancelling() > cancelled:
            raise asyncio.CancelledError


class Scripts:
    """The Lua files beside this module, ready to run."""

    def __init__(self, client: Redis) -> None:
        folder = importlib.resources.files(__package__).joinpath("lua")
        common = folder.joinpath("common.lua").read_text()
        self._scripts = {
            file.name.removesuffix(".lua"): client.register_script(common + file.read_text())
            for file in folder.iterdir()
            if file.name != "common.lua"
        }

    async def run(self, name: str, *arguments: str | float) -> Any:  # noqa: ANN401 - as Redis has it
        """Runs `lua/<name>.lua` and returns what it returns.

        Raises:
            QueueUnavailable: As `answer_of`.
        """
        return await answer_of(self._scripts[name](keys=[PREFIX], args=arguments))


def digest(text: str) -> str:
    """Stands for a text that may be long, or a secret, in a key."""
    return hashlib.sha256(text.encode()).hexdigest()


def key(kind: str, job_id: str) -> str:
    """The name of a job's key, as in `lua/common.lua`."""
    return f"{PREFIX}:{kind}:{job_id}"

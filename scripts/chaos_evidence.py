"""What `scripts/chaos.py` proves its verdict by: Redis itself, not what our own code says of it.

With `appendonly` Redis writes down every change before it answers, across its own death, and what a
Lua script changed stands there command by command. So the file tells how often the end of a job was
written, whoever wrote it.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import redis

_JOB = b"pricing-fdm:job:"
_ENDS = {b"completed", b"failed"}
_BODIES = {b"result", b"problem"}
_NO_TTL = -1


@dataclass
class Ledger:
    """What was written about jobs, by their ids.

    Attributes:
        ends: How often a state in which a job ends.
        bodies: How often a result or a problem.
        attempts: How often a worker began.
    """

    ends: Counter[str] = field(default_factory=Counter)
    bodies: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Keys:
    """What is in Redis when all is over.

    Attributes:
        sources: Links to models and to those who wait for an answer.
        without_ttl: Keys that would stay for ever.
        waiting: Messages in the queue, in workers' hands, or put off.
    """

    total: int
    sources: int
    without_ttl: int
    waiting: int


def read_ledger(client: redis.Redis) -> Ledger:
    """Reads the file of changes of the Redis behind `client`, which runs on this machine."""
    settings = client.config_get("*dir*")
    folder = Path(str(settings["dir"])) / str(settings["appenddirname"])
    ledger = Ledger()
    # A rewrite would have replaced what was written so far by a summary of it.
    parts = sorted(folder.glob("*.incr.aof"))
    assert len(parts) == 1, "the file of changes was rewritten: raise auto-aof-rewrite-min-size"
    for command in _commands(parts[0].read_bytes()):
        _note(ledger, command)
    return ledger


def look_at_keys(client: redis.Redis) -> Keys:
    """Counts what is left."""
    names = [name.decode() for name in client.scan_iter(count=1000)]
    return Keys(
        total=len(names),
        sources=sum(
            name.startswith(("pricing-fdm:source:", "pricing-fdm:callback:")) for name in names
        ),
        without_ttl=sum(client.ttl(name) == _NO_TTL for name in names),
        waiting=sum(_length(client, name) for name in names if _is_queue(name)),
    )


def _is_queue(name: str) -> bool:
    if name in {"pricing-fdm:active", "pricing-fdm:later"}:
        return True
    is_lane = name.removeprefix("pricing-fdm:queue:") in {"rush", "standard"}
    return is_lane or name.startswith("pricing-fdm:queue:__acks__.")


def _length(client: redis.Redis, name: str) -> int:
    match client.type(name):
        case b"list":
            return int(client.llen(name))
        case b"set":
            return int(client.scard(name))
    return int(client.zcard(name))


def _note(ledger: Ledger, command: list[bytes]) -> None:
    if len(command) < 3 or not command[1].startswith(_JOB):  # noqa: PLR2004 - verb, key, field
        return
    job_id = command[1].removeprefix(_JOB).decode()
    if command[0].upper() == b"HINCRBY" and command[2] == b"attempt":
        ledger.attempts[job_id] += 1
    if command[0].upper() == b"HSET":
        changes = dict(zip(command[2::2], command[3::2], strict=True))
        ledger.ends[job_id] += changes.get(b"state") in _ENDS
        ledger.bodies[job_id] += bool(_BODIES & set(changes))


def _commands(content: bytes) -> Iterator[list[bytes]]:
    """The commands of a file in the protocol of Redis; one that is cut off ends it."""
    file = io.BytesIO(content)
    while line := file.readline():
        if line.startswith(b"*") and line.endswith(b"\n"):
            yield [_argument(file) for _ in range(int(line[1:]))]


def _argument(file: io.BytesIO) -> bytes:
    size = int(file.readline()[1:] or 0)
    argument = file.read(size)
    file.read(2)
    return argument

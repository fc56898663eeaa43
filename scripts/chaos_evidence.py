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
_ENDS, _BODIES = {b"completed", b"failed"}, {b"result", b"problem"}
_SOURCES = ("pricing-fdm:source:", "pricing-fdm:callback:")
_QUEUES = {f"pricing-fdm:{name}" for name in ("active", "later", "queue:rush", "queue:standard")}
_IN_HAND = "pricing-fdm:queue:__acks__."
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


def read_ledger(client: redis.Redis) -> Ledger:
    """Reads the file of changes of the Redis behind `client`, which runs on this machine."""
    settings = client.config_get("*dir*")
    folder = Path(str(settings["dir"])) / str(settings["appenddirname"])
    # A rewrite would have replaced what was written so far by a summary of it.
    [changes] = folder.glob("*.incr.aof")
    ledger = Ledger()
    for verb, key, *words in _commands(changes.read_bytes()):
        if not key.startswith(_JOB):
            continue
        job_id = key.removeprefix(_JOB).decode()
        if verb.upper() == b"HINCRBY" and words[0] == b"attempt":
            ledger.attempts[job_id] += 1
        if verb.upper() == b"HSET":
            fields = dict(zip(words[::2], words[1::2], strict=True))
            ledger.ends[job_id] += fields.get(b"state") in _ENDS
            ledger.bodies[job_id] += bool(_BODIES & set(fields))
    return ledger


def left_in_redis(client: redis.Redis) -> dict[str, int]:
    """What should not be there when all is over."""
    names = [name.decode() for name in client.scan_iter(count=1000)]
    return {
        "links to models left in Redis": sum(name.startswith(_SOURCES) for name in names),
        "keys without an end of life": sum(client.ttl(name) == _NO_TTL for name in names),
        "messages left in the queue": sum(
            _length(client, name) for name in names if name in _QUEUES or name.startswith(_IN_HAND)
        ),
    }


def _length(client: redis.Redis, name: str) -> int:
    match client.type(name):
        case b"list":
            return int(client.llen(name))
        case b"set":
            return int(client.scard(name))
    return int(client.zcard(name))


def _commands(content: bytes) -> Iterator[list[bytes]]:
    """The commands with a key, of a file in the protocol of Redis; one that is cut off ends it."""
    file = io.BytesIO(content)
    while line := file.readline():
        command = [_argument(file) for _ in range(int(line[1:]))]
        if len(command) > 1:
            yield command


def _argument(file: io.BytesIO) -> bytes:
    size = int(file.readline()[1:] or 0)
    argument = file.read(size)
    file.read(2)
    return argument

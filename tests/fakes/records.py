"""What a stand-in saw of its surroundings, written down for the test that started it."""

from __future__ import annotations

import json
import os
import resource
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.behaviour import Behaviour


def read_records(file: Path) -> list[dict[str, Any]]:
    """What the stand-in and its children wrote to `record_to`, in the order they did.

    Each has `role` (main, child, daemon), `pid`, `ppid`, `pgid`, `sid`; the main one also has
    `argv`, `environ`, `cwd`, `uid`, `gid`, `umask`, `nice`, `cpus`, `descriptors`, `limits`
    (soft and hard), `no_new_privileges`, and `wrote`, `read`, `connected`: for each thing tried,
    "ok" or the name of the error.
    """
    if not file.exists():
        return []
    whole = file.read_bytes().rpartition(b"\n")[0]  # one may be writing its line
    return [json.loads(line) for line in whole.splitlines()]


def record(behaviour: Behaviour, role: str, *, with_surroundings: bool = False) -> None:
    if not behaviour.record_to:
        return
    facts: dict[str, Any] = {
        "role": role,
        "pid": os.getpid(),
        "ppid": os.getppid(),
        "pgid": os.getpgid(0),
        "sid": os.getsid(0),
    }
    if with_surroundings:
        facts |= _surroundings(behaviour)
    line = json.dumps(facts).encode() + b"\n"
    handle = os.open(behaviour.record_to, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    os.write(handle, line)
    os.close(handle)


def _surroundings(behaviour: Behaviour) -> dict[str, Any]:
    umask = os.umask(0)
    os.umask(umask)
    names = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return {
        "argv": sys.argv[1:],
        "environ": _environment(),
        "cwd": str(Path.cwd()),
        "uid": os.getuid(),
        "gid": os.getgid(),
        "umask": umask,
        "nice": os.nice(0),
        "cpus": sorted(os.sched_getaffinity(0)),
        "descriptors": _descriptors(),
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in names},
        "no_new_privileges": "NoNewPrivs:\t1" in status,
        "wrote": {path: _tried(Path(path).touch) for path in behaviour.try_to_write},
        "read": {path: _tried(Path(path).read_bytes) for path in behaviour.try_to_read},
        "connected": {
            address: _tried(partial(_connect, address)) for address in behaviour.try_to_connect
        },
    }


def _environment() -> dict[str, str]:
    """As it was given; the interpreter may have added to its own copy."""
    entries = Path("/proc/self/environ").read_bytes().decode(errors="replace").split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


def _descriptors() -> dict[str, str]:
    found = {}
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found[entry.name] = str(entry.readlink())
        except FileNotFoundError:  # the one that lists the folder
            continue
    return found


def _tried(deed: Callable[[], object]) -> str:
    try:
        deed()
    except OSError as fault:
        return type(fault).__name__
    return "ok"


def _connect(address: str) -> None:
    import socket  # only here: it takes a tenth of the start-up

    host, _, port = address.rpartition(":")
    socket.create_connection((host, int(port)), timeout=2).close()

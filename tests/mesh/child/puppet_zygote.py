"""The real zygote, whose children do what the model says in place of reading it.

A model that says none of these is read as ever.

loop            computes for ever
hog             takes all memory that it gets
answer:TEXT     answers with this text; `|` ends a message, `{part}` is a part
stl:TEXT        the same, after it has written a clean STL of four triangles
crash           ends itself by a signal
spy             tells what it can reach
who             tells its process
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pricing_fdm.mesh.child import job, zygote
from pricing_fdm.mesh.child.job import say
from pricing_fdm.mesh.child.task import Task
from pricing_fdm.mesh.clean_stl import ATTRIBUTE, HEADER
from pricing_fdm.model import BuildVolume, Orientation

PART = {
    "format": "stl-binary",
    "triangles": 4,
    "bodies": 1,
    "watertight": True,
    "dimensions_mm": [1.0, 1.0, 1.0],
    "volume_mm3": 1.0,
    "surface_mm2": 1.0,
    "pose": {"rotation": [[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]], "dimensions_mm": [1.0, 1.0, 1.0]},
    "outline": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]],
    "overhang_share": 0.0,
    "warnings": [],
}
CLEAN = HEADER + (4).to_bytes(4, "little") + (bytes(48) + ATTRIBUTE.to_bytes(2, "little")) * 4

TASK = Task(BuildVolume(1, 1, 1), 4, None, Orientation.KEEP, 0.2, 0.4)

_LIBC = ctypes.CDLL(None, use_errno=True)
_PTRACE, _ATTACH, _FCNTL, _SET_OWNER = 101, 16, 72, 8


def do(task: Task, model: int, stl: int, answer: int) -> None:
    """What the model says."""
    word, _, rest = os.read(model, 1_000_000).partition(b":")
    if word == b"stl":
        os.write(stl, CLEAN)
    text = rest.replace(b"{part}", json.dumps(PART).encode())
    acts: dict[bytes, Callable[[], object]] = {
        b"loop": _loop,
        b"hog": lambda: _fail_in_judging(_hog, task, model, stl, answer),
        b"answer": lambda: _write(answer, text),
        b"stl": lambda: _write(answer, text),
        b"crash": os.abort,
        b"spy": lambda: _tell(answer, {"descriptors": _descriptors(), "reached": _reached()}),
        b"who": lambda: _tell(answer, {"pid": os.getpid()}),
    }
    if word in acts:
        acts[word]()
    else:
        os.lseek(model, 0, os.SEEK_SET)
        job.do(task, model, stl, answer)


def _loop() -> None:
    while True:
        pass


def _fail_in_judging(how: Callable[[], None], *job_of: Any) -> None:
    """Fails inside the real job."""
    vars(job)["judge_model"] = lambda *_, **__: how()
    job.do(*job_of)


def _hog() -> None:
    taken = []
    while True:
        taken.append(bytearray(64 * 1024**2))


def _write(answer: int, text: bytes) -> None:
    for message in text.split(b"|"):
        os.write(answer, message)


def _tell(answer: int, found: object) -> None:
    say(answer, kind="refused", code="model_invalid", detail=json.dumps(found), log_detail="")


def _descriptors() -> list[int]:
    """Those that lead anywhere but to /dev/null."""
    found = []
    for number in range(1024):
        try:
            status = os.fstat(number)
        except OSError:
            continue
        if status.st_rdev != os.makedev(1, 3):
            found.append(number)
    return found


def _reached() -> list[str]:
    """What was not refused."""
    tries: dict[str, Callable[[], object]] = {
        "read a file of the system": lambda: os.open("/etc/passwd", os.O_RDONLY),
        "read its own program": lambda: os.open(__file__, os.O_RDONLY),
        "write into its folder": lambda: os.open("mine", os.O_CREAT | os.O_WRONLY),
        "make a folder": lambda: Path("mine").mkdir(),
        "list its folder": lambda: list(Path().iterdir()),
        "make a socket": lambda: socket.socket(socket.AF_INET),
        "make a pair of sockets": socket.socketpair,
        "make a pipe": os.pipe,
        "start a process": os.fork,
        "execute a program": lambda: os.execv("/bin/true", ["true"]),
        "signal the zygote": lambda: os.kill(os.getppid(), 0),
        "debug the zygote": lambda: _called(_PTRACE, _ATTACH, os.getppid(), 0, 0),
        "leave its group": os.setsid,
        "change a priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, 19),
        "have the zygote signalled": lambda: _called(_FCNTL, 0, _SET_OWNER, os.getppid()),
    }
    return [name for name, attempt in tries.items() if _works(attempt)]


def _works(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _called(number: int, *arguments: int) -> None:
    if _LIBC.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def do_mesh(stl: int, mesh: int, answer: int) -> None:
    """The same in place of writing a mesh."""
    do(TASK, stl, mesh, answer)


if __name__ == "__main__":
    vars(zygote)["do"] = do
    vars(zygote)["do_mesh"] = do_mesh
    zygote.main(*sys.argv[1:])

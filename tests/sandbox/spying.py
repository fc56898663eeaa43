"""Shuts a spy in at each level and prints, as JSON, what it could reach all the same.

A script of its own, so that it can be run as another user: it needs the standard library and
`pricing_fdm.slicers` only. The spy tries real things on real victims: files with known contents, a
process with a secret in its environment, sockets that note whether anybody came.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from pricing_fdm.sandbox import launcher
from pricing_fdm.sandbox.bubblewrap import BubblewrapSandbox
from pricing_fdm.sandbox.landlock import LandlockSandbox
from pricing_fdm.sandbox.process import Limits, run
from pricing_fdm.sandbox.sandbox import NoSandbox, Sandbox

# Python that every user and sandbox can run; the one that runs this may lie in somebody's home.
_OWN = Path(sys.executable).resolve()
PYTHON = str(_OWN) if _OWN.is_relative_to("/usr") else "/usr/bin/python3"

SECRET = "hidden-from-slicers"
LIMITS = Limits(wall_s=60, cpu_s=60, memory_bytes=2 * 1024**3, file_size_bytes=1024**2)

SPY = r"""
import ctypes, json, os, platform, resource, signal, socket, sys
world = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
MACHINE = 0 if platform.machine() == "x86_64" else 1
EPERM, ENOSYS, NEW_USER = 1, 38, 0x10000000

def read(path):
    with open(path) as file:
        return len(file.read()) > 0

def connect(family, kind, address):
    with socket.socket(family, kind) as end:
        end.settimeout(5)
        end.connect(address)
        end.send(b"knock")
    return True

def secret_environment():
    return world["secret"] in open(f"/proc/{world['pid']}/environ").read()

def write(path):
    with open(path, "w") as file:
        file.write("was here")
    return True

def capabilities():
    header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    to_read = 1 << 2  # CAP_DAC_READ_SEARCH
    return libc.capget(header, data) == 0 and any(word & ~to_read for word in data)

def is_served(result):
    # Whether the kernel looked at what was asked of it, be it nonsense.
    return result >= 0 or ctypes.get_errno() not in {EPERM, ENOSYS}

def call(numbers, *arguments):
    return is_served(libc.syscall(numbers[MACHINE], *arguments))

def send_from_a_pair():
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return one.sendto(b"knock", world["datagrams"]) > 0

def open_for_writing(path):
    os.close(os.open(path, os.O_WRONLY))
    return True

def in_child(deed):
    child = os.fork()
    if not child:
        os._exit(0 if deed() else 1)
    return os.waitpid(child, 0)[1] == 0

def clone_a_namespace():
    child = libc.syscall((56, 220)[MACHINE], NEW_USER | signal.SIGCHLD, 0, 0, 0, 0)
    if not child:
        os._exit(0)
    return child > 0 and os.waitpid(child, 0)[1] == 0

def share_memory():
    number = libc.shmget(0, 4096, 0o1600)
    return number >= 0 and libc.shmctl(number, 0, None) == 0

def move_to_same_cores():
    return os.sched_setaffinity(world["pid"], os.sched_getaffinity(world["pid"])) is None

def keep_priority():
    return os.setpriority(0, world["pid"], os.getpriority(0, world["pid"])) is None

DEEDS = {
    "read /etc/shadow": lambda: read("/etc/shadow"),
    "read the service's source": lambda: read(world["source"]),
    "read another run's files": lambda: read(world["other_file"]),
    "list another run's folder": lambda: os.listdir(world["other_folder"]) != [],
    "see that a file exists": lambda: os.stat(world["other_file"]) is not None,
    "change the mode of a file": lambda: os.chmod(world["other_file"], 0o640) is None,
    "cut a file short": lambda: os.truncate(world["other_file"], 12) is None,
    "write beside its own folder": lambda: write(world["beside"]),
    "write to the machine's /tmp": lambda: write(world["in_tmp"]),
    "list the machine's processes": lambda: str(world["pid"]) in os.listdir("/proc"),
    "read a process's environment": secret_environment,
    "signal a process": lambda: os.kill(world["pid"], signal.SIGCONT) is None,
    "attach to a process as a debugger": lambda: libc.ptrace(0x4206, world["pid"], 0, 0) == 0,
    "connect over TCP": lambda: connect(2, 1, ("127.0.0.1", world["tcp"])),
    "send UDP, such as DNS": lambda: connect(2, 2, ("127.0.0.1", world["udp"])),
    "connect to a local socket": lambda: connect(1, 1, world["unix"]),
    "connect to an abstract socket": lambda: connect(1, 1, world["abstract"]),
    "use the service's descriptors": lambda: os.fstat(world["descriptor"]) is not None,
    "gain privileges by a setuid program": lambda: libc.prctl(39, 0, 0, 0, 0) == 0,
    "use root's capabilities, but to enter and read": capabilities,
    "write to /proc/sys": lambda: open_for_writing("/proc/sys/kernel/core_pattern"),
    "see or change a process's limits": lambda: len(resource.prlimit(world["pid"], 7)) == 2,
    "change a process's priority": keep_priority,
    "move a process to other cores": move_to_same_cores,
    "send to a local socket from a pair": send_from_a_pair,
    "use System V IPC": share_memory,
    "use message queues": lambda: is_served(libc.mq_open(b"/none", 0)),
    "use inotify": lambda: libc.inotify_init() >= 0,
    "use fanotify": lambda: call((300, 262), 0x200, 0),
    "use io_uring": lambda: call((425, 425), 0, None),
    "use keyrings": lambda: call((250, 219), 0, -2, 0),
    "use userfaultfd": lambda: call((323, 282), 1),
    "use performance events": lambda: call((298, 241), None, 0, -1, -1, 0),
    "use bpf": lambda: call((321, 280), 99, None, 0),
    "read a process's memory": lambda: call((310, 270), world["pid"], None, 0, None, 0, 0),
    "open files by handle": lambda: call((303, 264), -1, None, None, None, 0),
    "change its personality": lambda: libc.personality(0) >= 0,
    "make a namespace": lambda: in_child(lambda: libc.unshare(NEW_USER) == 0),
    "clone into a namespace": clone_a_namespace,
    "write to its own folder": lambda: write("mine"),
}
done = {}
for name, deed in DEEDS.items():
    try:
        done[name] = bool(deed())
    except OSError:
        done[name] = False
print(json.dumps(done))
"""


class World:
    """What there is to spy on, and what notices spies."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.own = folder / "own"
        self.own.mkdir()
        other = folder / "other"
        other.mkdir()
        (other / "model.stl").write_text("solid secret")
        self.process = subprocess.Popen(["/bin/sleep", "600"], env={"SECRET": SECRET})
        self.listeners = {
            "connect over TCP": socket.create_server(("127.0.0.1", 0)),
            "send UDP, such as DNS": _bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "connect to a local socket": _bound(
                socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "socket")
            ),
            "connect to an abstract socket": _bound(
                socket.AF_UNIX, socket.SOCK_STREAM, f"\0{folder}"
            ),
            "send to a local socket from a pair": _bound(
                socket.AF_UNIX, socket.SOCK_DGRAM, str(folder / "datagrams")
            ),
        }
        self.written = {
            "write beside its own folder": folder / "beside",
            "write to the machine's /tmp": Path(f"/tmp/{folder.name}-spy"),
        }
        reading, _ = os.pipe()
        descriptor = os.dup2(reading, 40, inheritable=True)
        tcp, udp, unix, _, datagrams = self.listeners.values()
        self.told: dict[str, Any] = {
            "secret": SECRET,
            "source": str(source),
            "other_folder": str(other),
            "other_file": str(other / "model.stl"),
            "beside": str(self.written["write beside its own folder"]),
            "in_tmp": str(self.written["write to the machine's /tmp"]),
            "pid": self.process.pid,
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "unix": unix.getsockname(),
            "abstract": f"\0{folder}",
            "datagrams": datagrams.getsockname(),
            "descriptor": descriptor,
        }

    def argv(self) -> list[str]:
        """The spy's command line."""
        return [PYTHON, "-I", "-S", "-c", SPY, json.dumps(self.told)]

    def came_through(self, claimed: dict[str, bool]) -> dict[str, bool]:
        """What the spy says, corrected by what the victims saw."""
        seen = {name: _was_met(listener) for name, listener in self.listeners.items()}
        for name, path in self.written.items():
            seen[name] = path.exists()
            path.unlink(missing_ok=True)
        return {**claimed, **seen}


def _bound(family: int, kind: int, address: Any) -> socket.socket:
    listener = socket.socket(family, kind)
    listener.bind(address)
    if kind == socket.SOCK_STREAM:
        listener.listen()
    return listener


def _was_met(listener: socket.socket) -> bool:
    listener.setblocking(False)
    try:
        if listener.type == socket.SOCK_STREAM:
            listener.accept()[0].close()
        else:
            listener.recv(100)
    except BlockingIOError:
        return False
    return True


def sandboxes() -> dict[str, Sandbox]:
    """Every kind of sandbox, by the name of its column."""
    bwrap = Path(shutil.which("bwrap") or "")
    return {
        "bwrap": BubblewrapSandbox(bwrap, has_proc=True),
        "bwrap without /proc": BubblewrapSandbox(bwrap, has_proc=False),
        "landlock": LandlockSandbox(Path(sys.executable)),
        "none": NoSandbox(),
    }


async def spy_in(sandbox: Sandbox, world: World) -> dict[str, Any]:
    """What the spy reached from inside."""
    try:
        outcome = await run(
            world.argv(), cwd=world.own, env={}, limits=replace(LIMITS, sandbox=sandbox)
        )
    except OSError as error:
        return {"error": str(error)}
    if outcome.exit_code != 0:
        return {"error": f"{outcome.exit_code} {outcome.ended_by_signal}: {outcome.stderr}"}
    return world.came_through(json.loads(outcome.stdout))


def main() -> None:
    """Prints the result of every level, and of the same spy without any of our doing."""
    source = Path(launcher.__file__)
    results = {}
    with tempfile.TemporaryDirectory(prefix="spied-on-") as folder:
        world = World(Path(folder), source)
        try:
            free = subprocess.run(
                world.argv(), cwd=world.own, stdout=subprocess.PIPE, check=True, close_fds=False
            )
            results["the user"] = world.came_through(json.loads(free.stdout))
            for name, sandbox in sandboxes().items():
                results[name] = asyncio.run(spy_in(sandbox, world))
        finally:
            world.process.kill()
            world.process.wait()
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    main()

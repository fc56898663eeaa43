"""Forks one child for each model. A script: it runs in the sandbox, with the mesh stage loaded.

    zygote.py CONTROL CPU_SECONDS

Starting Python with numpy takes longer than judging a model does; a fork takes a millisecond. The
zygote itself never touches a stranger's bytes. Each message on the socket `CONTROL` is a `Task`, or
`WRITE_MESH`, with four descriptors: the model, the file for what is written, the socket for the
child's answer, and the job's socket, which stays here. When the other end of that is shut, the
child is killed; when the child has ended, its exit code and CPU time are written there and it is
closed.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
from dataclasses import dataclass
from typing import NoReturn

from pricing_fdm.mesh.child.confinement import confine, hide
from pricing_fdm.mesh.child.job import do, do_mesh, say
from pricing_fdm.mesh.child.task import READY, WRITE_MESH, Task

# What numpy and zipfile load when they first need it; a child can open no file.
_LOADED_LATE = ("numpy.ma", "encodings.cp437")
_MESSAGE_BYTES = 4096
_DESCRIPTORS = 4


@dataclass(slots=True)
class _Job:
    """A child and the socket through which its end is asked for and reported."""

    pid: int
    pidfd: int
    socket: socket.socket
    killed: bool = False  # or dead by itself


class Zygote:
    """Forks children and reaps them.

    Args:
        control: Where tasks come in.
        cpu_s: What each child may use.
    """

    def __init__(self, control: socket.socket, cpu_s: int) -> None:
        self._control = control
        self._cpu_s = cpu_s
        self._pid = os.getpid()
        self._null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)

    def serve(self) -> None:
        """Works until the other end of the control socket is closed; its children die with it."""
        self._control.send(READY)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._control:
                    if not self._take():
                        return
                elif key.fileobj == key.data.pidfd:
                    self._reap(key.data)
                else:
                    self._kill(key.data)

    def _take(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, _MESSAGE_BYTES, _DESCRIPTORS)
        if not message:
            return False
        model, stl, answer, job_socket = descriptors
        pid = os.fork()
        if pid == 0:
            self._become_child(message, model, stl, answer)
        for descriptor in (model, stl, answer):
            os.close(descriptor)
        job = _Job(pid, os.pidfd_open(pid), socket.socket(fileno=job_socket))
        self._selector.register(job.pidfd, selectors.EVENT_READ, job)
        self._selector.register(job.socket, selectors.EVENT_READ, job)
        return True

    def _become_child(self, message: bytes, model: int, stl: int, answer: int) -> NoReturn:
        """Does the task in the forked process, and never returns."""
        try:
            confine((model, stl, answer), self._null, self._pid, self._cpu_s)
            if message == WRITE_MESH:
                do_mesh(model, stl, answer)
            else:
                do(Task.from_bytes(message), model, stl, answer)
        except OSError as error:
            say(answer, kind="unready", log_detail=str(error))
        finally:
            os._exit(0)

    def _kill(self, job: _Job) -> None:
        if not job.killed:
            job.killed = True
            self._selector.unregister(job.socket)
            signal.pidfd_send_signal(job.pidfd, signal.SIGKILL)

    def _reap(self, job: _Job) -> None:
        _, status, usage = os.wait4(job.pid, 0)
        self._selector.unregister(job.pidfd)
        os.close(job.pidfd)
        if not job.killed:
            job.killed = True
            self._selector.unregister(job.socket)
        with job.socket, contextlib.suppress(OSError):  # nobody may be left who reads it
            code = os.waitstatus_to_exitcode(status)
            job.socket.send(f"{code} {usage.ru_utime + usage.ru_stime}".encode())


def main(control: str, cpu_s: str) -> None:
    """Serves on the descriptor `control`."""
    for name in _LOADED_LATE:
        importlib.import_module(name)
    hide()
    gc.freeze()  # a collection in a child would copy every page that it shares
    with socket.socket(fileno=int(control)) as inherited:
        Zygote(inherited, int(cpu_s)).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The zygote and its children as the service sees them: a process, and a job for each model."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import math
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pricing_fdm.concurrency.completion import complete
from pricing_fdm.mesh.child.answer import MOST_BYTES
from pricing_fdm.mesh.child.task import READY
from pricing_fdm.mesh.step.interpreter import script_command
from pricing_fdm.sandbox.process import Limits, Outcome, run
from pricing_fdm.sandbox.removal import remove_tree

_SCRIPT = Path(__file__).with_name("zygote.py")
_PACKAGES = ("pricing_fdm", "annotated_types", "numpy", "stl", "manifold3d")
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",  # a process with threads cannot be forked safely
}
_CONTROL_FROM = 20  # what sets up a sandbox uses lower numbers for itself
_LIFE_CPU_S = 10**9  # of the zygote itself; its children have their own limit
_STATUS_BYTES = 64
_END_S = 2.0  # the kernel needs milliseconds


class ZygoteDied(Exception):
    """The zygote has ended, and its children with it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended.

    Attributes:
        code: Exit code, or the negative number of the signal that ended it.
    """

    code: int
    cpu_s: float


class Job:
    """A child at work on one model.

    Args:
        answer: What the child says.
        end: Where the zygote reports its end, and where it is asked to kill it.
        zygote_ended: Returns when the zygote has ended; ends one that does not answer.
    """

    def __init__(
        self,
        answer: socket.socket,
        end: socket.socket,
        zygote_ended: Callable[[], Awaitable[None]],
    ) -> None:
        self._answer = answer
        self._end = end
        self._zygote_ended = zygote_ended
        self._ended: Ended | None = None

    async def message(self) -> bytes:
        """The next message of the answer; empty when the child has ended."""
        try:
            # A longer one is cut, and is then no message of ours.
            return await asyncio.get_running_loop().sock_recv(self._answer, MOST_BYTES)
        except OSError:
            return b""

    async def end(self) -> Ended:
        """Kills the child if it still lives, and returns when it is gone.

        Raises:
            ZygoteDied: Nobody is left who knows.
        """
        if self._ended is None:
            self._ended = await complete(self._killed())
        return self._ended

    async def _killed(self) -> Ended:
        with contextlib.suppress(OSError):
            self._end.shutdown(socket.SHUT_WR)
        try:
            async with asyncio.timeout(_END_S):
                status = await asyncio.get_running_loop().sock_recv(self._end, _STATUS_BYTES)
        except TimeoutError:
            status = b""
        if not status:
            await self._zygote_ended()
            raise ZygoteDied
        code, cpu_s = status.split()
        return Ended(int(code), float(cpu_s))


class ZygoteProcess:
    """A zygote in its sandbox. It is started at once, and ends with `stop` or by itself.

    The folder that it starts in is deleted as soon as it is ready: it writes nothing, and a service
    that is killed leaves none behind.

    Args:
        limits: What each child may use; the sandbox is the zygote's.
        report: Called when it has ended by itself, with what it said.
    """

    def __init__(self, limits: Limits, report: Callable[[str], None]) -> None:
        self._report = report
        self._control, self._theirs = _pair()
        self._folder = Path(tempfile.mkdtemp(prefix="pricing-fdm-reader-"))
        self._running = asyncio.create_task(_host(self._theirs, self._folder, limits))
        self._running.add_done_callback(self._finish)
        self._readiness = asyncio.create_task(self._remove_folder_when_ready())

    @property
    def ended(self) -> bool:
        """Whether it is of no more use."""
        return self._running.done()

    async def stop(self) -> None:
        """Kills it with all its children, and returns when they are gone."""
        self._running.cancel()
        await complete(asyncio.wait([self._running]))

    async def _end(self) -> None:
        """Waits for the end of one that is of no use, a short time, before it is killed."""
        await complete(asyncio.wait([self._running], timeout=_END_S))
        await self.stop()

    @contextlib.asynccontextmanager
    async def job(self, task: bytes, source: int, written: int) -> AsyncIterator[Job]:
        """Has a child forked for this task; it is gone at the end of the context.

        Args:
            task: What the child is to do; see `task`.
            source: The descriptor of the file that it reads.
            written: That of an empty file for what it writes.

        Raises:
            ZygoteDied: It takes no more tasks.
        """
        with contextlib.ExitStack() as stack:
            answer, childs = map(stack.enter_context, _pair())
            end, zygotes = map(stack.enter_context, _pair())
            with childs, zygotes:
                descriptors = [source, written, childs.fileno(), zygotes.fileno()]
                try:
                    socket.send_fds(self._control, [task], descriptors)
                except OSError as error:
                    await self._end()
                    raise ZygoteDied from error
            job = Job(answer, end, self._end)
            try:
                yield job
            finally:
                with contextlib.suppress(ZygoteDied):  # then the child has, too
                    await job.end()

    async def _remove_folder_when_ready(self) -> None:
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().sock_recv(self._control, len(READY))
            remove_tree(self._folder)

    def _finish(self, running: asyncio.Task[Outcome]) -> None:
        self._readiness.cancel()
        with contextlib.suppress(OSError):
            remove_tree(self._folder)
        self._control.close()
        self._theirs.close()  # it may have been stopped before it began
        if running.cancelled():
            return
        error = running.exception()
        if error is not None:
            self._report(repr(error))
            return
        how = running.result()
        self._report(
            f"exit code {how.exit_code}, signal {how.ended_by_signal}: {how.stderr.strip()}"
        )


def _pair() -> tuple[socket.socket, socket.socket]:
    """Our end, which never blocks, and the other; what is sent at once arrives at once."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(0)
    return ours, theirs


async def _host(control: socket.socket, folder: Path, limits: Limits) -> Outcome:
    """Runs a zygote to its end."""
    inside = fcntl.fcntl(control, fcntl.F_DUPFD_CLOEXEC, _CONTROL_FROM)
    try:
        control.close()
        command = script_command(_SCRIPT, *_PACKAGES)
        return await run(
            [*command.argv, str(inside), str(limits.cpu_s)],
            cwd=folder,
            env=_ENVIRONMENT,
            limits=replace(limits, wall_s=math.inf, cpu_s=_LIFE_CPU_S, readable=command.readable),
            descriptors=(inside,),
            resident=True,
        )
    finally:
        os.close(inside)

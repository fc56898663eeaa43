"""Has a model read and judged by a sandboxed child; the service itself never parses one.

The zygote is started in the sandbox when it is needed first, and anew when it has died. It forks a
child for each model; see `zygote` and `confinement`. This end opens the files, sets the deadline,
ends the child in every case, and believes nothing that it says.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from pricing_fdm.concurrency.completion import complete_in_thread
from pricing_fdm.errors import InternalError, ModelInvalid
from pricing_fdm.estimate.features import Sections
from pricing_fdm.mesh.child.answer import (
    CRASHED,
    FAILED,
    TOO_LONG,
    Lie,
    needs_support_in,
    part_in,
    require_mesh_written,
    sections_in,
)
from pricing_fdm.mesh.child.task import WRITE_MESH, Task
from pricing_fdm.mesh.child.zygote_process import Ended, Job, ZygoteDied, ZygoteProcess
from pricing_fdm.mesh.clean_stl import NotClean, most_bytes, take
from pricing_fdm.mesh.plate_mesh import most_mesh_bytes, require_mesh
from pricing_fdm.model import Part, Supports
from pricing_fdm.sandbox.process import Limits

_TRIES = 2  # a zygote that dies takes the children of other models with it

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Child:
    """A child at work, and the descriptor of the file that it writes."""

    job: Job
    written: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a child found out: the part, and its sections where they were asked for."""

    part: Part
    sections: Sections | None = None


class ModelReader:
    """Reads models, a few at a time, while its context lasts.

    Args:
        limits: What each child may use; the sandbox is the zygote's.
        max_triangles: A model with more is refused.
        at_once: How many children may work at a time; further models wait.
        report: Called when a zygote has died by itself, with what it said.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        max_triangles: int,
        at_once: int,
        report: Callable[[str], None],
    ) -> None:
        self._limits = replace(limits, file_size_bytes=most_mesh_bytes(max_triangles))
        self._max_triangles = max_triangles
        self._turn = asyncio.Semaphore(at_once)
        self._report = report
        self._current: ZygoteProcess | None = None

    async def __aenter__(self) -> Self:
        """Starts the first zygote; it loads while other things start."""
        self._zygote()
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Ends the zygote and its children."""
        if self._current is not None:
            await self._current.stop()

    async def inspect(
        self, model: Path, clean: Path, task: Task, on_set_down: Callable[[Supports], None]
    ) -> Reading:
        """Reads, judges and sets down a model in a child of its own.

        Args:
            model: The caller's bytes.
            clean: Where the clean STL goes, in a folder of ours; none is written for sections.
            task: How it is to be read and set down.
            on_set_down: Called when the clean STL is there, with what support `auto` comes to: none
                for a part that needs none. The shape is judged after that.

        Raises:
            ModelError: The model cannot be priced, also because the child went beyond a limit.
            InternalError: No child can be started.
            OSError: The disk is full.
        """

        async def read(child: _Child) -> Reading:
            needs_support = needs_support_in(await self._message(child.job))
            sections = None
            if task.sections is None:
                most = most_bytes(self._max_triangles)
                await complete_in_thread(take, child.written, clean, max_bytes=most)
            on_set_down(Supports.AUTO if needs_support else Supports.NEVER)
            if task.sections is not None:
                sections = sections_in(await self._message(child.job))
            return Reading(part_in(await self._message(child.job), task.max_triangles), sections)

        return await self._have_done(task.to_bytes(), model, clean.parent, read)

    async def write_mesh(self, clean: Path, mesh: Path) -> None:
        """Writes a clean STL as the mesh of a 3MF, in a child of its own.

        Args:
            clean: The clean STL.
            mesh: Where the mesh goes; appears complete or not at all.

        Raises:
            ModelError: The child went beyond a limit.
            InternalError: No child can be started.
            OSError: The disk is full.
        """

        async def write(child: _Child) -> None:
            require_mesh_written(await self._message(child.job))
            most = self._limits.file_size_bytes
            await complete_in_thread(
                take, child.written, mesh, max_bytes=most, require_clean=require_mesh
            )

        await self._have_done(WRITE_MESH, clean, mesh.parent, write)

    async def _have_done(
        self, task: bytes, source: Path, folder: Path, work: Callable[[_Child], Awaitable[_T]]
    ) -> _T:
        """Waits for a turn; what a zygote that dies leaves undone is tried again."""
        async with self._turn:
            for _ in range(_TRIES):
                try:
                    async with self._child(task, source, folder) as child:
                        return await work(child)
                except ZygoteDied:
                    continue
        raise InternalError(FAILED, log_detail="the zygote died again")

    @contextlib.asynccontextmanager
    async def _child(self, task: bytes, source: Path, folder: Path) -> AsyncIterator[_Child]:
        """A child at work; it is gone at the end of the context."""
        with source.open("rb") as file, tempfile.TemporaryFile(dir=folder) as written:
            async with self._zygote().job(task, file.fileno(), written.fileno()) as job:
                try:
                    async with asyncio.timeout(self._limits.wall_s):
                        yield _Child(job, written.fileno())
                except TimeoutError as error:
                    raise ModelInvalid(TOO_LONG, log_detail="wall limit of a child") from error
                except (Lie, NotClean) as error:
                    raise ModelInvalid(CRASHED, log_detail=f"a child lied: {error}") from error

    async def _message(self, job: Job) -> bytes:
        """The next message of the answer.

        Raises:
            ModelInvalid: The child has ended without one.
            ZygoteDied: The zygote has.
        """
        if message := await job.message():
            return message
        ended = await job.end()
        log = f"child: code {ended.code} after {ended.cpu_s:.1f} CPU s"
        raise ModelInvalid(self._blame(ended), log_detail=log)

    def _blame(self, ended: Ended) -> str:
        """Why a child came to no answer; a crash is the file's fault, too."""
        if ended.code == -signal.SIGXCPU or ended.cpu_s >= self._limits.cpu_s:
            return TOO_LONG
        return CRASHED

    def _zygote(self) -> ZygoteProcess:
        """One that lives."""
        if self._current is None or self._current.ended:
            self._current = ZygoteProcess(self._limits, self._report)
        return self._current

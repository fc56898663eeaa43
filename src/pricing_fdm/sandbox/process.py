"""Runs one foreign program to its end: the only place in the service that starts a process.

The program is C++ that reads a stranger's geometry. It may hang, crash, print without end, fork,
leave its process group, and hold its pipes open after its end. `run` gives it a session of its own,
resource limits, a sandbox and bounded output, and in every case kills the whole process group and
what escaped from it. When `run` returns or raises, also because it was cancelled, no process of the
run is alive and the working folder may be deleted.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pricing_fdm.concurrency.completion import complete
from pricing_fdm.sandbox import process_table
from pricing_fdm.sandbox.init_process import Report
from pricing_fdm.sandbox.limits import Limit, Limits, limit_behind, limiting_prefix
from pricing_fdm.sandbox.orphan_reaper import RUN_VARIABLE, OrphanReaper
from pricing_fdm.sandbox.output import OutputTail
from pricing_fdm.sandbox.progress import Progress
from pricing_fdm.sandbox.sandbox import Command
from pricing_fdm.sandbox.user import hand_over

__all__ = [
    "Limit",
    "Limits",
    "Outcome",
    "ProgramUnavailable",
    "adopt_orphans",
    "orphans_reaped",
    "run",
]

_LOWEST_PRIORITY = 19
_REAP_POLL_S = 0.005
_REAP_POLLS = 1000  # five seconds; the kernel needs milliseconds

_REAPER = OrphanReaper()  # one for the process, as its children are


class ProgramUnavailable(Exception):
    """A program cannot be used on this machine; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        exit_code: None when a signal ended it.
        ended_by_signal: The signal's number, None after an ordinary exit.
        limit: The limit of ours that ended it, None if it ended by itself.
        stdout: Its end, as text.
        stderr: Its end, as text.
        cpu_s: User and system time of the program and the children it waited for.
        peak_memory_bytes: Largest resident set of one of them. It is never less than the service's
            own, because a child shares the service's memory until it executes the program.
    """

    exit_code: int | None
    ended_by_signal: int | None
    limit: Limit | None
    stdout: str
    stderr: str
    wall_s: float
    cpu_s: float
    peak_memory_bytes: int


def adopt_orphans() -> None:
    """Makes this process the parent of what escapes from a run. Call it once, at the start."""
    _REAPER.adopt()


def orphans_reaped() -> int:
    """How many processes escaped from their runs and were killed, since the start."""
    return _REAPER.reaped


async def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    limits: Limits,
    keep_output_bytes: int = 16 * 1024,
    progress: Progress | None = None,
    descriptors: Sequence[int] = (),
    resident: bool = False,
) -> Outcome:
    """Runs `argv` to its end.

    Must be called from the main thread: the kernel ties the parent-death signal to the thread
    that starts the child.

    Args:
        argv: Absolute path of the program, then arguments made of our own constants and names.
        cwd: The run's own folder.
        env: The complete environment, to which the run's id is added; nothing is inherited.
        limits: What it may use and access.
        keep_output_bytes: How much of the end of stdout and of stderr is kept.
        progress: Receives how far the program is; without it there is no limit on silence.
        descriptors: Those that the program gets, under the same numbers, besides its streams.
        resident: It is ours and runs as long as the service; see `OrphanReaper.begin`.

    Raises:
        OSError: The program could not be started, or its sandbox could not be set up.
    """
    run_id = _REAPER.begin(resident=resident)
    try:
        command = limits.sandbox.command(
            argv, cwd=cwd, env={**env, RUN_VARIABLE: run_id}, readable=limits.readable
        )
        return await _run(
            run_id,
            command,
            cwd,
            limits,
            keep_output_bytes,
            progress=progress or Progress(),
            descriptors=descriptors,
        )
    finally:
        await complete(_REAPER.end(run_id))


async def _run(
    run_id: str,
    command: Command,
    cwd: Path,
    limits: Limits,
    keep_output_bytes: int,
    *,
    progress: Progress,
    descriptors: Sequence[int],
) -> Outcome:
    loop = asyncio.get_running_loop()
    started = loop.time()
    with Report() as report, command.inherited() as named:
        if command.user is not None:
            hand_over(cwd, command.user)
        child = subprocess.Popen(  # noqa: S603, ASYNC220 - no shell; returns in a millisecond
            [*limiting_prefix(limits), *command.argv],
            cwd=cwd,
            env=dict(command.env),
            stdin=report.writing if command.supervised else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=(*named, *descriptors),
        )
        if limits.in_background:  # before it has begun; whatever it starts inherits this
            with contextlib.suppress(OSError):  # it would only be slower for others
                os.setpriority(os.PRIO_PROCESS, child.pid, _LOWEST_PRIORITY)
        _REAPER.started(run_id, child.pid)
        assert child.stdout is not None  # noqa: S101 - PIPE was asked for
        assert child.stderr is not None  # noqa: S101
        stdout, stderr = (
            OutputTail(child.stdout, keep_output_bytes, progress.feed_stdout),
            OutputTail(child.stderr, keep_output_bytes),
        )
        timed_out: Limit | None = None
        try:
            async with asyncio.timeout(limits.wall_s) as deadline:
                with progress.ending(deadline, limits.silence_s):
                    await _exit_of(child.pid)
        except TimeoutError:
            timed_out = Limit.SILENCE if progress.fell_silent else Limit.WALL
        finally:
            try:
                status, usage = await complete(_end_group(child))
            finally:  # also if it is cancelled once more while the group is ended
                texts = stdout.close(), stderr.close()
        code = os.waitstatus_to_exitcode(status)
        true_code = report.true_code(code) if command.supervised else code
    if true_code is None:
        raise OSError(errno.EPERM, f"its sandbox cannot be set up: {texts[1].strip()}")
    limit = timed_out or limit_behind(true_code, usage.cpu_s, texts[1], limits)
    return Outcome(
        exit_code=true_code if true_code >= 0 else None,
        ended_by_signal=-true_code if true_code < 0 else None,
        limit=limit,
        stdout=texts[0],
        stderr=texts[1],
        wall_s=loop.time() - started,
        cpu_s=usage.cpu_s,
        peak_memory_bytes=usage.peak_memory_bytes,
    )


@dataclass(frozen=True, slots=True)
class _Usage:
    cpu_s: float
    peak_memory_bytes: int


async def _exit_of(pid: int) -> None:
    """Returns when the process has ended. It is not reaped yet, so its id is not used again."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    descriptor = os.pidfd_open(pid)
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def _end_group(child: subprocess.Popen[bytes]) -> tuple[int, _Usage]:
    """Kills the group, reaps its leader, and returns when no member is left."""
    seen = _usage_so_far(child.pid)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await _exit_of(child.pid)
    _, status, usage = os.wait4(child.pid, 0)  # noqa: ASYNC222 - it has ended
    child.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait a second time
    await _members_gone(child.pid)
    return status, _Usage(
        max(seen.cpu_s, usage.ru_utime + usage.ru_stime),
        max(seen.peak_memory_bytes, usage.ru_maxrss * 1024),
    )


def _usage_so_far(leader: int) -> _Usage:
    """What the group has used so far. The kernel does not report this for killed children."""
    family = list(process_table.family(leader))
    return _Usage(
        cpu_s=sum(member.cpu_s for member in family),
        peak_memory_bytes=max(
            (process_table.peak_memory_bytes(member.pid) for member in family), default=0
        ),
    )


async def _members_gone(group: int) -> None:
    for _ in range(_REAP_POLLS):
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-group, os.WNOHANG)  # noqa: ASYNC222 - those that fell to us
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        await asyncio.sleep(_REAP_POLL_S)

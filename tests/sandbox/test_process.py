"""Nothing a foreign program does may hang the service, fill it, or outlive its run."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pricing_fdm.sandbox.process import Limit, Limits, Outcome, run
from tests.harness.waiting import wait_until

LIMITS = Limits(
    wall_s=60, cpu_s=60, memory_bytes=2 * 1024**3, file_size_bytes=64 * 1024**2, open_files=64
)
ENV = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}

Runner = Callable[..., Outcome]


@pytest.fixture
def python(tmp_path: Path) -> Runner:
    """Runs a Python text as the foreign program."""

    def run_text(text: str, limits: Limits = LIMITS) -> Outcome:
        argv = [sys.executable, "-I", "-S", "-c", text]
        return asyncio.run(run(argv, cwd=tmp_path, env=ENV, limits=limits))

    return run_text


def test_an_ordinary_end_is_told_with_its_output(python: Runner) -> None:
    """The verdict tables live on exit code and last words."""
    outcome = python("import sys; print('done'); print('why', file=sys.stderr); sys.exit(3)")
    assert (outcome.exit_code, outcome.ended_by_signal, outcome.limit) == (3, None, None)
    assert (outcome.stdout, outcome.stderr) == ("done\n", "why\n")
    assert outcome.wall_s > 0
    assert outcome.cpu_s > 0
    assert outcome.peak_memory_bytes > 1024**2


def test_the_environment_is_exactly_what_was_given_c9(python: Runner) -> None:
    """C9: an inherited environment would hand the slicer every secret of the service."""
    outcome = python("import os; print(sorted(os.environ.items()))")
    printed = dict(eval(outcome.stdout))
    printed.pop("LC_CTYPE", None)  # Python's own coercion of the C locale
    assert len(printed.pop("PRICING_FDM_RUN")) == 32  # by which what escapes is known
    assert printed == ENV


def test_a_crash_is_told_by_its_signal(python: Runner) -> None:
    """A slicer that dies of a segmentation fault is not one that refuses the model."""
    outcome = python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert outcome.exit_code is None
    assert outcome.ended_by_signal == signal.SIGSEGV
    assert outcome.limit is None


def test_a_program_that_hangs_forks_and_ignores_sigterm_is_gone_at_the_deadline_c1(
    python: Runner, tmp_path: Path
) -> None:
    """C1: its child holds the pipes; waiting for their end would wait for ever."""
    pids = tmp_path / "pids"
    outcome = python(
        f"""
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    open({str(pids)!r}, "w").write(f"{{os.getpid()}} {{child}}")
time.sleep(600)
""",
        Limits(wall_s=4, cpu_s=60, memory_bytes=2 * 1024**3, file_size_bytes=1024**2),
    )
    assert outcome.limit is Limit.WALL
    assert outcome.ended_by_signal == signal.SIGKILL
    assert [_is_alive(int(pid)) for pid in pids.read_text().split()] == [False, False]


def test_a_child_left_behind_by_a_good_run_is_ended_too(python: Runner, tmp_path: Path) -> None:
    """Exit code 0 does not mean that nothing runs on."""
    pid_file = tmp_path / "pid"
    outcome = python(
        f"""
import os, time
child = os.fork()
if not child:
    time.sleep(600)
open({str(pid_file)!r}, "w").write(str(child))
"""
    )
    assert outcome.exit_code == 0
    assert not _is_alive(int(pid_file.read_text()))


def test_cancelling_ends_the_program_before_the_caller_goes_on(tmp_path: Path) -> None:
    """The folder is deleted right after; nothing may write into it then."""
    pid_file = tmp_path / "pid"
    text = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(600)"

    async def cancel_once_started() -> None:
        task = asyncio.create_task(
            run([sys.executable, "-I", "-c", text], cwd=tmp_path, env=ENV, limits=LIMITS)
        )
        await asyncio.to_thread(wait_until, lambda: pid_file.exists() and pid_file.read_text())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel_once_started())
    assert not _is_alive(int(pid_file.read_text()))


def _open_files() -> set[Path]:
    """Those that are open."""
    return {each for each in [*Path("/proc/self/fd").iterdir()] if each.exists()}


def test_cancelling_twice_leaves_no_pipe_open(tmp_path: Path) -> None:
    """The second time comes while the program is being ended."""
    pid = tmp_path / "pid"
    text = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    argv = [sys.executable, "-I", "-S", "-c", text]

    async def cancel_twice() -> None:
        before = _open_files()
        task = asyncio.create_task(run(argv, cwd=tmp_path, env=ENV, limits=LIMITS))
        await asyncio.to_thread(wait_until, lambda: pid.exists() and pid.read_text())
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert _open_files() <= before

    asyncio.run(cancel_twice())


def test_signals_that_python_ignores_are_not_ignored_by_the_program(tmp_path: Path) -> None:
    """An ignored signal survives exec: a slicer would not end at its file size limit."""
    outcome = asyncio.run(
        run(["/bin/cat", "/proc/self/status"], cwd=tmp_path, env=ENV, limits=LIMITS)
    )
    ignored = next(line for line in outcome.stdout.splitlines() if line.startswith("SigIgn"))
    mask = int(ignored.split()[1], 16)
    for ours in (signal.SIGPIPE, signal.SIGXFSZ):
        assert not mask & 1 << (ours - 1)


def test_it_has_no_descriptors_and_no_way_to_privileges(python: Runner) -> None:
    """Open sockets of the service must not reach a stranger's geometry."""
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)  # the worst that other code could do
    try:
        outcome = python(
            "import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd'))[:4])\n"
            "print(open('/proc/self/status').read())"
        )
    finally:
        os.close(reading)
        os.close(writing)
    assert outcome.stdout.splitlines()[0] == "[0, 1, 2, 3]"  # 3 is the listing itself
    assert "NoNewPrivs:\t1" in outcome.stdout


def test_a_program_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    """It ends as the shell's 127 or an OSError, never as a hang."""
    outcome = asyncio.run(run([str(tmp_path / "none")], cwd=tmp_path, env=ENV, limits=LIMITS))
    assert outcome.exit_code == 127


def test_the_program_dies_with_the_service(tmp_path: Path) -> None:
    """A kill -9 of the service mid-slice leaves no slicer running."""
    pid_file = tmp_path / "pid"
    hang = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    service = f"""
import asyncio, sys
from pathlib import Path
from pricing_fdm.sandbox.process import Limits, run
limits = Limits(wall_s=600, cpu_s=600, memory_bytes=2 * 1024**3, file_size_bytes=1024)
asyncio.run(run([sys.executable, "-I", "-c", {hang!r}], cwd=Path({str(tmp_path)!r}),
                env={ENV!r}, limits=limits))
"""
    parent = os.posix_spawn(sys.executable, [sys.executable, "-c", service], dict(os.environ))
    wait_until(lambda: pid_file.exists() and pid_file.read_text() != "")
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    wait_until(lambda: not _is_alive(int(pid_file.read_text())))


def test_orphans_of_the_group_fall_to_us_and_are_reaped(tmp_path: Path) -> None:
    """In a container whose PID 1 does not reap, a zombie would stay for each crash."""
    script = f"""
import asyncio, os, sys
from pathlib import Path
from pricing_fdm.sandbox.process import Limits, adopt_orphans, run
adopt_orphans()
limits = Limits(wall_s=60, cpu_s=60, memory_bytes=2 * 1024**3, file_size_bytes=1024)
text = "import os, time\\nfor _ in range(20):\\n if not os.fork(): time.sleep(600)"
for _ in range(3):
    asyncio.run(run([sys.executable, "-I", "-S", "-c", text], cwd=Path({str(tmp_path)!r}),
                    env={ENV!r}, limits=limits))
print(open("/proc/self/task/" + str(os.getpid()) + "/children").read().split())
"""
    outcome = asyncio.run(
        run([sys.executable, "-c", script], cwd=tmp_path, env=dict(os.environ), limits=LIMITS)
    )
    assert outcome.stdout == "[]\n", outcome.stderr


def test_a_group_that_does_not_go_does_not_hold_up_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In uninterruptible sleep a process survives SIGKILL; the quote is told all the same."""
    monkeypatch.setattr("pricing_fdm.sandbox.process._REAP_POLLS", 0)
    outcome = asyncio.run(run(["/bin/true"], cwd=tmp_path, env=ENV, limits=LIMITS))
    assert outcome.exit_code == 0


def test_a_hundred_runs_leave_no_descriptor_behind(tmp_path: Path) -> None:
    """The pattern of datasette's descriptor test: a leak of one a run ends a service in a day."""

    async def many() -> None:
        for _ in range(100):
            await run(["/bin/true"], cwd=tmp_path, env=ENV, limits=LIMITS)

    asyncio.run(run(["/bin/true"], cwd=tmp_path, env=ENV, limits=LIMITS))
    before = _descriptors()
    asyncio.run(many())
    assert _descriptors() <= before + 2


def _is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie, which only its parent can remove, does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))

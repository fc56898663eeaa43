"""A run uses no more than it may, and the limit that ended it is named."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.sandbox.limits import Limit, limit_behind, limiting_prefix
from pricing_fdm.sandbox.process import run
from pricing_fdm.sandbox.sandbox import NoSandbox, Sandbox
from tests.sandbox.sandboxes import SANDBOXES, sandboxed
from tests.sandbox.spying import LIMITS

DEFAULT_XFSZ = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
HOGS = [
    pytest.param({"wall_s": 1.5}, "import time; time.sleep(600)", Limit.WALL, id="wall"),
    pytest.param({"cpu_s": 1}, "while True: pass", Limit.CPU, id="cpu"),
    pytest.param(
        {"file_size_bytes": 65536},
        DEFAULT_XFSZ + "open('big', 'wb').write(b'x' * 10**6)",
        Limit.FILE_SIZE,
        id="file size",
    ),
    pytest.param(
        {"memory_bytes": 256 * 1024**2},
        "import sys\ntry: bytearray(10**9)\nexcept MemoryError: sys.exit('std::bad_alloc')",
        Limit.MEMORY,
        id="memory",
    ),
]


@pytest.mark.parametrize("sandbox", SANDBOXES)
@pytest.mark.parametrize(("change", "text", "limit"), HOGS)
def test_the_limit_that_ended_it_is_named_c6(
    sandbox: Sandbox, change: dict[str, float], text: str, limit: Limit, tmp_path: Path
) -> None:
    """C6: limits hold for the program itself, not only for what shuts it in."""
    outcome = sandboxed(sandbox, text, tmp_path, replace(LIMITS, **change))  # type: ignore[arg-type]
    assert outcome.limit is limit


def test_a_file_ends_at_its_largest_size_c6(tmp_path: Path) -> None:
    """C6: the G-code of a gyroid infill can have half a gigabyte. Python itself ignores SIGXFSZ."""
    limits = replace(LIMITS, file_size_bytes=1024**2)
    text = DEFAULT_XFSZ + "f = open('big', 'wb')\nwhile True: f.write(b'x' * 65536)"
    assert sandboxed(NoSandbox(), text, tmp_path, limits).limit is Limit.FILE_SIZE
    assert (tmp_path / "big").stat().st_size <= 1024**2


def test_memory_beyond_the_limit_is_refused_to_the_program_c6(tmp_path: Path) -> None:
    """C6: the slicer gets bad_alloc, the machine keeps its memory."""
    limits = replace(LIMITS, memory_bytes=512 * 1024**2)
    outcome = sandboxed(NoSandbox(), "x = bytearray(1024**3)", tmp_path, limits)
    assert outcome.exit_code == 1
    assert "MemoryError" in outcome.stderr


@pytest.mark.parametrize("sandbox", SANDBOXES)
@pytest.mark.parametrize("then", ["pass", "time.sleep(600)"], ids=["it ends", "it is ended"])
def test_time_and_memory_are_the_programs_own(sandbox: Sandbox, then: str, tmp_path: Path) -> None:
    """A PID namespace hides them from the usual call, and a killed parent cannot hand them on."""
    text = f"""
import time
held = b"x" * (200 * 1024**2)
while time.process_time() < 0.5: pass
open("done", "w")
{then}
"""
    limits = replace(LIMITS, wall_s=60 if then == "pass" else 8)
    outcome = sandboxed(sandbox, text, tmp_path, limits)
    assert (tmp_path / "done").exists()
    assert 0.45 < outcome.cpu_s < 8
    assert outcome.peak_memory_bytes > 200 * 1024**2


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_it_is_pinned_and_knows_its_folder(sandbox: Sandbox, tmp_path: Path) -> None:
    """The core is chosen outside, the program asks inside."""
    core = min(os.sched_getaffinity(0))
    outcome = sandboxed(
        sandbox,
        "import os; print(os.sched_getaffinity(0), os.getcwd())",
        tmp_path,
        replace(LIMITS, cores=frozenset({core})),
    )
    assert outcome.stdout == f"{{{core}}} {tmp_path}\n"


@pytest.mark.parametrize(
    ("code", "cpu_s", "stderr", "limit"),
    [
        pytest.param(0, 99, "std::bad_alloc", None, id="success"),
        pytest.param(1, 0, "", None, id="a failure of its own"),
        pytest.param(1, 0, "terminate: std::bad_alloc", Limit.MEMORY, id="no memory"),
        pytest.param(-signal.SIGABRT, 0, "std::bad_alloc", Limit.MEMORY, id="aborts without"),
        pytest.param(-signal.SIGXFSZ, 0, "", Limit.FILE_SIZE, id="file size"),
        pytest.param(-signal.SIGXCPU, 0, "", Limit.CPU, id="CPU time"),
        pytest.param(-signal.SIGKILL, 10, "", Limit.CPU, id="killed with its CPU time used up"),
        pytest.param(-signal.SIGKILL, 9, "", None, id="killed by somebody else"),
        pytest.param(-signal.SIGSEGV, 99, "", None, id="crash"),
    ],
)
def test_the_limit_is_recognised_by_the_end_of_the_program(
    code: int, cpu_s: float, stderr: str, limit: Limit | None
) -> None:
    """A crash must not look like a limit, nor a limit like a crash."""
    assert limit_behind(code, cpu_s, stderr, replace(LIMITS, cpu_s=10)) is limit


@pytest.mark.parametrize(
    ("change", "tool"),
    [
        ({"cores": frozenset({1, 0})}, ["taskset", "--cpu-list", "0,1"]),
        ({"fixed_addresses": True}, ["setarch", "--addr-no-randomize"]),
    ],
)
def test_a_limit_that_is_not_asked_for_starts_no_tool(
    change: dict[str, object], tool: list[str]
) -> None:
    """Each tool costs a millisecond of every slice."""
    plain = limiting_prefix(LIMITS)
    prefix = limiting_prefix(replace(LIMITS, **change))  # type: ignore[arg-type]
    path, *options = prefix[len(plain) :]
    assert (prefix[: len(plain)], [Path(path).name, *options]) == (plain, tool)


def test_missing_tools_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without util-linux no limit holds, so nothing is started."""
    monkeypatch.setattr("shutil.which", lambda *_args, **_kwargs: None)
    with pytest.raises(FileNotFoundError, match="util-linux"):
        asyncio.run(run(["/bin/true"], cwd=tmp_path, env={}, limits=LIMITS))

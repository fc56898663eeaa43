"""A program may print without end: the service keeps the last words and is not blocked."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path

from pricing_fdm.sandbox.output import OutputTail
from pricing_fdm.sandbox.sandbox import NoSandbox
from tests.sandbox.sandboxes import sandboxed


def test_a_flood_of_output_is_read_and_forgotten_c7(tmp_path: Path) -> None:
    """C7: 500 MB of chatter; unread it would block the slicer, kept it would fill the service."""
    before = _resident_bytes()
    outcome = sandboxed(
        NoSandbox(),
        "import os\nfor _ in range(8000): os.write(1, b'x' * 65536)\nprint('end')",
        tmp_path,
    )
    assert outcome.exit_code == 0
    assert outcome.stdout.endswith("end\n")
    assert len(outcome.stdout) <= 16 * 1024
    assert _resident_bytes() - before < 32 * 1024**2


def test_one_that_escaped_with_the_pipes_does_not_hold_up_the_run(tmp_path: Path) -> None:
    """Waiting for the end of a pipe that a stranger holds would be waiting for the stranger."""
    pid_file = tmp_path / "pid"
    outcome = sandboxed(
        NoSandbox(),
        f"""
import os, time
escaped, done = os.pipe()
if not os.fork():
    os.setsid()
    open({str(pid_file)!r}, "w").write(str(os.getpid()))
    os.write(done, b".")
    time.sleep(600)
os.read(escaped, 1)
print("gone")
""",
        tmp_path,
    )
    os.kill(int(pid_file.read_text()), signal.SIGKILL)  # it was still there
    assert (outcome.exit_code, outcome.stdout) == (0, "gone\n")
    assert outcome.limit is None


def tail_of(argv: list[str], keep_bytes: int) -> tuple[str, bytes]:
    """What is kept of the output of a program, and all that the listener received."""
    received = bytearray()

    async def read(child: subprocess.Popen[bytes]) -> str:
        assert child.stdout is not None
        tail = OutputTail(child.stdout, keep_bytes, received.extend)
        await asyncio.to_thread(child.wait, 60)
        return tail.close()

    with subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
        return asyncio.run(read(child)), bytes(received)


def test_the_end_is_kept_and_the_listener_gets_all_of_it() -> None:
    """Progress is read from lines that the tail has long forgotten."""
    assert tail_of(["/usr/bin/printf", "0123456789"], keep_bytes=4) == ("6789", b"0123456789")


def test_bytes_that_are_no_text_are_replaced() -> None:
    """A cut through a character, or a slicer that prints Latin-1, fails no quote."""
    kept, _ = tail_of(["/usr/bin/printf", r"K\303\244se \377"], keep_bytes=5)
    assert kept == "\ufffdse \ufffd"


def test_a_program_that_prints_nothing_leaves_an_empty_text() -> None:
    """The end of the pipe alone is no word."""
    assert tail_of(["/bin/true"], keep_bytes=4) == ("", b"")


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")

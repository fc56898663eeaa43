"""The program that stands in the slicer's place inside a container; see `puppet`.

Needs the standard library only: it runs in the slicer's cage, without environment or packages.
What it finds out it says on stderr, whose end the service writes to its log.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

STRINGS = Path(__file__).absolute().parent / "puppet.d"
MIB = 1024 * 1024
HUNG_S = 3600
KEPT: list[bytes] = []


def main() -> None:
    """Does the deed that is asked for; turns into the real slicer if there is none."""
    deed = asked_for()
    if deed is not None and "--help" not in sys.argv:
        DEEDS[deed[0]](*deed[1:])
    real = (STRINGS / "real").read_text()
    os.execv(real, [real, *sys.argv[1:]])


def asked_for() -> list[Any] | None:
    """The deed and its arguments."""
    try:
        deed: list[Any] = json.loads((STRINGS / "deed").read_text())
    except FileNotFoundError:
        return None
    return deed


def hold() -> None:
    """Waits until nothing is asked for any longer, and then slices."""
    while asked_for() is not None:
        time.sleep(0.02)


def crash() -> None:
    """Dies as a broken program does."""
    os.kill(os.getpid(), signal.SIGSEGV)


def fall_silent() -> None:
    """Says that it has begun, and nothing more."""
    sys.stdout.write("10 => Processing triangulated mesh\n")
    sys.stdout.flush()
    for word, pipe in zip(sys.argv, sys.argv[1:], strict=False):
        if word == "--pipe":
            with Path(pipe).open("w") as progress:
                progress.write('{"message": "Slicing", "plate_percent": 1, "total_percent": 1}\n')
    time.sleep(HUNG_S)


def spy(world: dict[str, Any]) -> None:
    """Tries everything that docs/sandbox.md speaks of, and tells."""
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(STRINGS / "spy.py"), json.dumps(world)],
        capture_output=True,
        text=True,
        check=False,
    )
    done = json.loads(run.stdout) if run.returncode == 0 else {"failed": run.stderr}
    environment = sorted(set(os.environ) - {"PRICING_FDM_RUN"})
    beside = [path.name for path in Path("..").iterdir()] if os.access("..", os.R_OK) else []
    tell({"reached": done, "environment": environment, "beside": beside, "user": os.getuid()})


def eat(mib: int, processes: int = 1) -> None:
    """Fills memory, in as many processes."""
    for _ in range(processes - 1):
        if os.fork() == 0:
            fill_memory(mib)
            time.sleep(HUNG_S)
    fill_memory(mib)
    if processes > 1:
        _, status = os.wait()
        tell({"a child ended with": os.waitstatus_to_exitcode(status)})


def fill_memory(mib: int) -> None:
    """Says what a C++ program says when it gets none."""
    try:
        KEPT.extend(os.urandom(4096) * (MIB // 4096) for _ in range(mib))
    except MemoryError:
        KEPT.clear()
        sys.stderr.write("std::bad_alloc\n")
        sys.stderr.flush()
        os._exit(1)


def write(mib: int, files: int = 1) -> None:
    """Writes long files; dies of the limit on their length, tells when the disk is full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    block = bytes(MIB)
    for number in range(files):
        try:
            with Path(f"toolpath-{number}.gcode").open("wb", buffering=0) as file:
                file.writelines(block for _ in range(mib))
        except OSError as error:
            sys.exit(f"cannot write the G-code: {error.strerror}")


def multiply() -> None:
    """Forks until that is refused, and leaves all its children behind."""
    for count in itertools.count():
        try:
            is_child = os.fork() == 0
        except OSError as error:
            tell({"forked": count, "refused": str(error)})
        else:
            if is_child:
                time.sleep(HUNG_S)


def tell(finding: dict[str, Any]) -> None:
    """Ends as a slicer does that failed, with a last word for the log."""
    sys.stderr.write(f"\nPUPPET {json.dumps(finding)} TEPPUP\n")
    sys.stderr.flush()
    os._exit(1)


DEEDS = {deed.__name__: deed for deed in (hold, crash, fall_silent, spy, eat, write, multiply)}

if __name__ == "__main__":
    main()

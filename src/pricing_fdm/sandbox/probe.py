"""Finds the best sandbox that works here: one that keeps files out and in which the slicer starts.

It is not enough that a tool is installed: containers forbid namespaces or a second /proc, kernels
lack Landlock or have it switched off. So a shell in each sandbox tries to read a file outside. The
slicer or its libraries may also lie in a folder that the sandbox does not show. `auto` then takes
the next level and reports it, so that an installation that works goes on working.
"""

from __future__ import annotations

import platform
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from pricing_fdm.sandbox import launcher
from pricing_fdm.sandbox.bubblewrap import BubblewrapSandbox
from pricing_fdm.sandbox.call_filter import MACHINES
from pricing_fdm.sandbox.landlock import LandlockSandbox
from pricing_fdm.sandbox.process import Limits, ProgramUnavailable, run
from pricing_fdm.sandbox.sandbox import Level, NoSandbox, Sandbox

_LIMITS = Limits(wall_s=20, cpu_s=10, memory_bytes=1024**3, file_size_bytes=1024)
# Prints "sandboxed" when the file outside cannot be read and its own folder can be written to.
_TRIAL = """
if read -r line 2>&- <"$1"; then exit 1; fi
echo sandboxed >mine && read -r line <mine && echo "$line"
"""


class SandboxChoice(StrEnum):
    """The values of `SANDBOX`."""

    AUTO = "auto"
    BWRAP = "bwrap"
    LANDLOCK = "landlock"
    NONE = "none"
    REQUIRED = "required"


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ProbeResult(Generic[_T]):
    """What the search found.

    Attributes:
        sandbox: The best that works; None when none of the allowed ones does.
        detail: What this sandbox does, and why no better one was taken.
        started: The slicer, as it was started in that sandbox.
        obstacle: Why the slicer starts in none of the allowed sandboxes; None when it started.
    """

    sandbox: Sandbox | None
    detail: str
    started: _T | None = None
    obstacle: str | None = None


async def find_sandbox(
    choice: SandboxChoice, start: Callable[[Sandbox], Awaitable[_T]]
) -> ProbeResult[_T]:
    """Tries the sandboxes that `choice` allows, the best first.

    Args:
        choice: The value of `SANDBOX`.
        start: Starts the slicer in a sandbox; raises ProgramUnavailable when it does not.
    """
    reasons: list[str] = []
    held: dict[Level, ProbeResult[_T]] = {}
    for candidate in _CANDIDATES[choice]:
        found = candidate()
        if isinstance(found, str):
            reasons.append(found)
            continue
        sandbox, meaning = found
        if sandbox.level in held:
            continue
        leak = await _leak(sandbox)
        if leak is not None:
            reasons.append(f"{sandbox.level} does not work: {leak}")
            continue
        detail = "; ".join([meaning, *reasons])
        try:
            return ProbeResult(sandbox, detail, started=await start(sandbox))
        except ProgramUnavailable as error:
            held[sandbox.level] = ProbeResult(sandbox, detail, obstacle=str(error))
            reasons.append(f"the slicer does not start in {sandbox.level}: {error}")
    nothing: ProbeResult[_T] = ProbeResult(
        None, f"SANDBOX={choice} cannot be had; {'; '.join(reasons)}"
    )
    return next(iter(held.values()), nothing)


async def _leak(sandbox: Sandbox) -> str | None:
    """Why the sandbox does not keep files out; None when it does, or for the level `none`."""
    if sandbox.level is Level.NONE:
        return None
    with tempfile.TemporaryDirectory(prefix="pricing-fdm-probe-") as folder:
        outside, inside = Path(folder) / "outside", Path(folder) / "inside"
        outside.write_text("seen\n")
        inside.mkdir()
        try:
            outcome = await run(
                ["/bin/sh", "-c", _TRIAL, "sh", str(outside)],
                cwd=inside,
                env={},
                limits=replace(_LIMITS, sandbox=sandbox),
            )
        except OSError as error:
            return error.strerror or str(error)
    if outcome.stdout == "sandboxed\n":
        return None
    return outcome.stderr.strip() or "a file outside can be read"


_Candidate = Callable[[], tuple[Sandbox, str] | str]


def _bubblewrap(*, has_proc: bool) -> tuple[Sandbox, str] | str:
    program = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin")
    if program is None:
        return "bwrap is not installed (package bubblewrap)"
    without = "" if has_proc else ", without /proc"
    meaning = f"bwrap: own file system, processes and network{without}"
    return BubblewrapSandbox(Path(program), has_proc=has_proc), meaning


def _landlock() -> tuple[Sandbox, str] | str:
    if platform.machine() not in MACHINES:
        return f"landlock: not for {platform.machine()}"
    abi = launcher.landlock_abi()
    if not abi:
        return "landlock: the kernel has none"
    return (
        LandlockSandbox(),
        f"landlock (ABI {abi}) and seccomp: most files and all sockets refused",
    )


def _none() -> tuple[Sandbox, str] | str:
    return NoSandbox(), "none: only limits hold the slicer"


_BWRAP: list[_Candidate] = [
    lambda: _bubblewrap(has_proc=True),
    lambda: _bubblewrap(has_proc=False),
]
_CANDIDATES: dict[SandboxChoice, Iterable[_Candidate]] = {
    SandboxChoice.AUTO: [*_BWRAP, _landlock, _none],
    SandboxChoice.REQUIRED: [*_BWRAP, _landlock],
    SandboxChoice.BWRAP: _BWRAP,
    SandboxChoice.LANDLOCK: [_landlock],
    SandboxChoice.NONE: [_none],
}

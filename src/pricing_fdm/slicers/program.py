"""A slicer that is a program on this machine: finding it, its version, what such engines share.

A name without a slash is looked up on PATH and beside our own Python, where `make setup` puts
OrcaSlicer. Slicers have no `--version`; they print it when asked for `--help`.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

from pricing_fdm.model import EngineInfo, Slice
from pricing_fdm.sandbox.process import Limits, run
from pricing_fdm.sandbox.sandbox import Level, Sandbox
from pricing_fdm.shop.faults import Fault
from pricing_fdm.slicers.engine import NO_OVERRIDES, EngineSetup, SliceJob, SlicerUnavailable
from pricing_fdm.slicers.environment import slicer_environment
from pricing_fdm.slicers.presets.chosen import ChosenPresets

_HELP_BYTES = 512 * 1024  # the version stands in the first lines, which must be kept
_SANDBOX_HINT = " (SANDBOX=none tells whether the sandbox is why)"
_PROBE_LIMITS = Limits(wall_s=20, cpu_s=20, memory_bytes=4 * 1024**3, file_size_bytes=16 * 1024**2)


class ProgramEngine(ABC):
    """An engine that runs one program; see `Engine`.

    Attributes:
        name: The value of `SLICER` that chooses it.
        title: The program's name in a sentence.
        version_pattern: Its first group is the version in what `--help` prints.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    version_pattern: ClassVar[re.Pattern[str]]

    def __init__(self, binary: Path, version: str, setup: EngineSetup) -> None:
        self.version = version
        self._binary = binary
        self._setup = setup

    @classmethod
    async def find(cls, binary: Path, setup: EngineSetup) -> Self:
        """Runs the program once, to learn its version.

        Raises:
            SlicerUnavailable: It does not run here, or cannot be used.
        """
        version = await version_of(binary, cls.version_pattern, setup.limits.sandbox)
        return cls(binary, version, setup)

    @property
    def identity(self) -> str:
        """The program and its version."""
        return f"{self.name} {self.version}"

    def info(self, presets: ChosenPresets) -> EngineInfo:
        """Names the engine and these presets."""
        return EngineInfo(self.name, self.version, presets.hash)

    def faults(
        self,
        presets: ChosenPresets,  # noqa: ARG002 - see `Engine`
        overrides: Mapping[str, str] = NO_OVERRIDES,  # noqa: ARG002
    ) -> tuple[Fault, ...]:
        """What this engine cannot do of what the presets say; see `Engine.faults`."""
        return ()

    @abstractmethod
    async def slice(self, job: SliceJob) -> Slice:
        """Slices; see `Engine.slice`."""


def find_binary(name: str) -> Path | None:
    """Absolute path of the program `name`, None when it is not there."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    return Path(found).absolute() if found else None


async def version_of(binary: Path, pattern: re.Pattern[str], sandbox: Sandbox) -> str:
    """Runs `binary --help` in `sandbox` and returns the first group of `pattern` in its output.

    Raises:
        SlicerUnavailable: It does not start, or is not the program that `pattern` describes.
    """
    with tempfile.TemporaryDirectory(prefix="pricing-fdm-probe-") as folder:
        try:
            outcome = await run(
                [str(binary), "--help"],
                cwd=Path(folder),
                env=slicer_environment(binary, Path(folder)),
                limits=replace(_PROBE_LIMITS, sandbox=sandbox),
                keep_output_bytes=_HELP_BYTES,
            )
        except OSError as error:
            raise SlicerUnavailable(f"{binary} does not start: {error.strerror}") from error
    match = pattern.search(outcome.stdout) or pattern.search(outcome.stderr)
    if match is None:
        last_output = (outcome.stderr or outcome.stdout).strip()[-200:]
        raise SlicerUnavailable(
            f"{binary} does not say its version (exit code {outcome.exit_code}): {last_output}"
            f"{_SANDBOX_HINT if sandbox.level is not Level.NONE else ''}"
        )
    return match.group(1)

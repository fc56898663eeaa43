"""Converts a STEP file to a binary STL in millimetres, which is still not trusted.

OCCT works in a sandboxed child of ours, one for each file. Its result is used only if it is a
plain file, and is then judged by the mesh stage like any STL of a caller.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from pricing_fdm.concurrency.completion import complete_in_thread
from pricing_fdm.errors import InternalError, ModelInvalid
from pricing_fdm.mesh.step.end import End
from pricing_fdm.mesh.step.exit_classification import CRASHED, FAILED, LeftOut, left_out
from pricing_fdm.mesh.step.interpreter import ScriptCommand, script_command
from pricing_fdm.model import QuoteWarning
from pricing_fdm.sandbox.process import Limits, Outcome, run
from pricing_fdm.sandbox.run_files import take

_SCRIPT = Path(__file__).resolve().with_name("step_to_stl.py")
_PACKAGES = ("cascadio", "numpy", "pricing_fdm")
_RESULT = "mesh.stl"
_LOG_CHARACTERS = 300

# Room for the OBJ in between: with normals and texture coordinates it takes 130 bytes a triangle,
# and twice that if every face is small.
_BYTES_PER_TRIANGLE = 256
_BYTES_BESIDES = 64 * 1024**2

_PROBE = Path(__file__).with_name("probe.step")  # a sphere


@dataclass(frozen=True, slots=True)
class Conversion:
    """A STEP file as a mesh.

    Attributes:
        path: Binary STL in mm; as little trusted as the file that it came from.
        warnings: What could not be converted.
    """

    path: Path
    warnings: tuple[QuoteWarning, ...] = ()


class StepConverter:
    """Converts STEP files, a few at a time.

    Args:
        command: The child.
        limits: What each child may use.
        max_triangles: A mesh of more is refused.
        at_once: How many children may work at a time; further files wait.
    """

    def __init__(
        self, command: ScriptCommand, limits: Limits, *, max_triangles: int, at_once: int
    ) -> None:
        self.version = version("cascadio")
        self._command = command
        self._max_triangles = max_triangles
        self._turn = asyncio.Semaphore(at_once)
        self._proving = asyncio.Lock()
        self._obstacle: str | None = None
        self._limits = replace(
            limits, file_size_bytes=_BYTES_BESIDES + _BYTES_PER_TRIANGLE * max_triangles
        )

    @classmethod
    def create(cls, limits: Limits, *, max_triangles: int, at_once: int) -> StepConverter:
        """Finds the child's program; `obstacle` proves whether it works.

        Raises:
            ProgramUnavailable: A package that it needs is not installed.
        """
        command = script_command(_SCRIPT, *_PACKAGES)
        return cls(command, limits, max_triangles=max_triangles, at_once=at_once)

    async def obstacle(self) -> str:
        """Why nothing can be converted here; empty if it works.

        The first call proves it with a sphere, which takes half a second; later calls are free.
        """
        async with self._proving:
            if self._obstacle is None:
                self._obstacle = await self._prove()
        return self._obstacle

    async def convert(self, source: Path, folder: Path, destination: Path) -> Conversion:
        """Converts a file that `looks_like_step`.

        Args:
            source: The caller's bytes.
            folder: Empty and the child's own, in which it may write; `source` lies outside.
            destination: Where the STL goes, on the same file system.

        Raises:
            ModelInvalid: The file is damaged, empty, too heavy, or OCCT fails at it.
            InternalError: The child does not start.
            OSError: The disk is full.
        """
        async with self._turn:
            try:
                outcome = await self._run(source, folder)
            except OSError as error:
                raise InternalError(FAILED, log_detail=f"STEP converter: {error}") from error
        missing = left_out(outcome)
        result = folder / _RESULT
        try:
            await complete_in_thread(
                take, result, folder, destination, max_bytes=self._limits.file_size_bytes
            )
        except OSError as error:
            raise ModelInvalid(CRASHED, log_detail=f"STEP converter: {error}") from error
        return Conversion(destination, tuple(_warnings(missing)))

    async def _prove(self) -> str:
        with tempfile.TemporaryDirectory(prefix="pricing-fdm-probe-") as folder:
            try:
                outcome = await self._run(_PROBE, Path(folder))
            except OSError as error:
                return f"the converter does not start: {error}"
        if outcome.exit_code == End.DONE:
            return ""
        return (
            f"the converter does not work (exit code {outcome.exit_code}, signal "
            f"{outcome.ended_by_signal}, limit {outcome.limit}): "
            f"{outcome.stderr.strip()[-_LOG_CHARACTERS:]}"
        )

    async def _run(self, source: Path, folder: Path) -> Outcome:
        source = source.absolute()  # noqa: ASYNC240
        return await run(
            [*self._command.argv, str(source), _RESULT, str(self._max_triangles)],
            cwd=folder,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": ".",
                "TMPDIR": ".",
                "LANG": "C.UTF-8",
                "LC_ALL": "C.UTF-8",
                "OPENBLAS_NUM_THREADS": "1",  # each would reserve tens of MB
            },
            limits=replace(self._limits, readable=(*self._command.readable, source)),
        )


def _warnings(missing: LeftOut) -> Iterator[QuoteWarning]:
    if missing.faces:
        yield QuoteWarning(
            "faces_missing",
            f"Of the {missing.stated:,} faces of the STEP file, {missing.faces:,} could not be "
            "converted and are missing in the mesh that the quote is for.",
            {"faces": missing.faces, "faces_in_file": missing.stated},
        )
    if missing.surfaces:
        yield QuoteWarning(
            "surfaces_left_out",
            "Surface bodies of the STEP file, which have no volume and are not in the quote: "
            f"{missing.surfaces:,}.",
            {"surface_bodies": missing.surfaces},
        )
    if missing.empty:
        yield QuoteWarning(
            "parts_left_out",
            "Parts of the STEP file that hold no body, so that they are not in the quote: "
            f"{missing.empty:,} of {missing.parts:,}. Their bodies may be in other files.",
            {"parts": missing.empty, "parts_in_file": missing.parts},
        )

"""Inspects one model, once for all orders that print it in the same way.

Each print setup has a child of its own, which reads, judges and sets down the model; see
`mesh.child`. What the shape is warned of is found out while the slicer runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pricing_fdm.concurrency.completion import complete
from pricing_fdm.errors import ModelError, ModelExceedsBuildVolume, ModelFormat
from pricing_fdm.estimate.features import Sections
from pricing_fdm.mesh.child.model_reader import ModelReader, Reading
from pricing_fdm.mesh.step.converter import Conversion
from pricing_fdm.mesh.step.recognise import STEP, is_step
from pricing_fdm.model import Part, PrintSettings, Supports, Unit
from pricing_fdm.quoting.inspector import Inspector, PrintSetup


@dataclass(slots=True)
class Inspected:
    """A part that is being inspected; it can be sliced as soon as its clean STL is there.

    Attributes:
        stl: The clean STL.
        users: How many work with it.
    """

    stl: Path
    users: int
    _set_down: asyncio.Future[Supports]
    _work: asyncio.Task[Reading]
    _reader: ModelReader
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def set_down(self) -> None:
        """Returns when the clean STL is there.

        Raises:
            ModelError: The model cannot be priced like this.
        """
        waited_for: list[asyncio.Future[Any]] = [self._set_down, self._work]
        await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
        if not self._set_down.done():
            self._work.result()

    def settings(self, asked: PrintSettings) -> PrintSettings:
        """What was asked, without support where `auto` finds that the part needs none."""
        if asked.supports is Supports.AUTO:
            return replace(asked, supports=self._set_down.result())
        return asked

    async def mesh(self) -> Path:
        """The mesh of the clean STL for the 3MF of a plate; written when it is first wanted.

        Raises:
            ModelError: The child that writes it went beyond a limit.
        """
        mesh = self.stl.with_suffix(".mesh")
        async with self._writing:
            if not mesh.exists():
                await self._reader.write_mesh(self.stl, mesh)
        return mesh

    async def part(self) -> Part:
        """What the part is; it is found out while the slicer runs."""
        return (await self._reading()).part

    async def sections(self) -> Sections:
        """Those that the print setup asks for."""
        sections = (await self._reading()).sections
        assert sections is not None  # noqa: S101 - the reader raises
        return sections

    async def _reading(self) -> Reading:
        await asyncio.wait([self._work])
        return self._work.result()

    @property
    def is_done(self) -> bool:
        """Whether the work has come to a result or a refusal."""
        return self._work.done()

    async def end(self) -> None:
        """Ends the work if it is not done, and waits until it has ended."""
        self._work.cancel()
        await complete(asyncio.wait([self._work]))
        if not self._work.cancelled():
            self._work.exception()  # mark it as retrieved: others may have failed before


class Inspection:
    """The inspection of one model.

    Args:
        model: The caller's bytes.
        folder: Where converted and clean files go; lives as long as this is used.
    """

    def __init__(self, inspector: Inspector, model: Path, folder: Path) -> None:
        self._inspector = inspector
        self._model = model
        self._folder = folder
        self._numbers = itertools.count()
        self._one_at_a_time = asyncio.Lock()
        self._conversion: Conversion | None = None
        self._refusals: dict[Unit, ModelError] = {}
        self._inspected: dict[PrintSetup, Inspected] = {}

    @contextlib.asynccontextmanager
    async def inspected(self, setup: PrintSetup) -> AsyncIterator[Inspected]:
        """The part as it will be printed; its work ends with the last user.

        Raises:
            ModelError: The model cannot be priced like this.
        """
        if setup not in self._inspected:
            self._inspected[setup] = self._begin(setup)
        inspected = self._inspected[setup]
        inspected.users += 1
        try:
            await inspected.set_down()
            yield inspected
        finally:
            inspected.users -= 1
            if not inspected.users:
                if not inspected.is_done:
                    del self._inspected[setup]  # for another user it is begun again
                await inspected.end()

    def _begin(self, setup: PrintSetup) -> Inspected:
        stl = self._folder / f"part-{next(self._numbers)}.stl"
        set_down: asyncio.Future[Supports] = asyncio.get_running_loop().create_future()

        def on_set_down(auto: Supports) -> None:
            if not set_down.done():  # a second try comes to the same
                set_down.set_result(auto)

        work = asyncio.create_task(self._inspect(setup, stl, on_set_down))
        return Inspected(stl, 0, set_down, work, self._inspector.reader)

    async def _inspect(
        self, setup: PrintSetup, stl: Path, on_set_down: Callable[[Supports], None]
    ) -> Reading:
        async with self._one_at_a_time:
            if refusal := self._refusals.get(setup.unit):
                raise refusal
            try:
                return await self._read(setup, stl, on_set_down)
            except ModelExceedsBuildVolume:  # it may fit in another pose
                raise
            except ModelError as error:
                self._refusals[setup.unit] = error
                raise

    async def _read(
        self, setup: PrintSetup, stl: Path, on_set_down: Callable[[Supports], None]
    ) -> Reading:
        reader, is_converted = self._inspector.reader, is_step(self._model)  # then it is in mm
        task = self._inspector.task(setup, in_mm=is_converted)
        if not is_converted:
            return await reader.inspect(self._model, stl, task, on_set_down)
        conversion = await self._convert()
        reading = await reader.inspect(conversion.path, stl, task, on_set_down)
        part = reading.part
        part = replace(part, format=STEP, warnings=conversion.warnings + part.warnings)
        return replace(reading, part=part)

    async def _convert(self) -> Conversion:
        if self._conversion is None:
            converter = self._inspector.converter
            if converter is None or await converter.obstacle():
                raise ModelFormat(
                    "STEP files cannot be read on this server. Export the part as STL."
                )
            working = self._folder / "convert"
            working.mkdir(exist_ok=True)  # of a try that was cancelled
            converted = self._folder / "converted.stl"
            self._conversion = await converter.convert(self._model, working, converted)
        return self._conversion

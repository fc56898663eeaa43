"""Inspects one model, once for all the ways in which it is to be printed.

Reading and judging a file does not depend on how it is printed, except for its unit. The pose and
the warnings about the shape do. So several prices of one part cost one judgement and one clean STL
for each print setup.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from pricing_fdm.concurrency.completion import complete, complete_in_thread
from pricing_fdm.errors import ModelError, ModelFormat
from pricing_fdm.mesh.inspect import Judged, SetDown, describe, judge_model, set_down
from pricing_fdm.mesh.step.converter import Conversion, StepConverter
from pricing_fdm.mesh.step.recognise import STEP, is_step
from pricing_fdm.model import Order, Orientation, Part, Unit
from pricing_fdm.slicers.presets.preset_set import ProfileSet

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PrintSetup:
    """All of an order that the inspection depends on.

    Attributes:
        unit: Of the file's coordinates, where its format states none.
    """

    unit: Unit
    orientation: Orientation
    layer_height_mm: float
    line_width_mm: float


@dataclass(frozen=True, slots=True)
class Inspector:
    """What an inspection needs besides the model.

    Attributes:
        converter: None where STEP files cannot be read.
        max_triangles: A model with more is refused.
    """

    converter: StepConverter | None
    profiles: ProfileSet
    max_triangles: int

    def print_setup(self, order: Order) -> PrintSetup:
        """What the order says about the inspection."""
        settings = order.print_settings
        return PrintSetup(
            order.unit,
            order.orientation,
            float(settings.quality.height_mm),
            self.profiles.line_width_mm(settings),
        )

    def identity(self, order: Order) -> str:
        """Equal texts mean that the inspections of one file come to the same part."""
        converter = self.converter.version if self.converter else None
        setup, volume = self.print_setup(order), self.profiles.build_volume
        return f"{setup} {volume} {self.max_triangles} {converter}"


@dataclass(frozen=True, slots=True)
class Inspected:
    """A part that can be sliced.

    Attributes:
        stl: The clean STL.
    """

    stl: Path
    _description: asyncio.Task[Part]

    async def part(self) -> Part:
        """What the part is; it is found out while the slicer runs."""
        await self.settled()
        return self._description.result()

    async def settled(self) -> None:
        """Returns when nothing works on the part any longer."""
        await complete(asyncio.gather(self._description, return_exceptions=True))


class Inspection:
    """The inspection of one model.

    Args:
        model: The caller's bytes.
        folder: Where converted and clean files go; lives as long as this is used.
        setups: All that will be asked for. The mesh is let go after the last: a large one takes
            hundreds of megabytes, which the slicer may need.
    """

    def __init__(
        self, inspector: Inspector, model: Path, folder: Path, setups: frozenset[PrintSetup]
    ) -> None:
        self._inspector = inspector
        self._model = model
        self._folder = folder
        self._expected = set(setups)
        self._one_at_a_time = asyncio.Lock()
        self._conversion: Conversion | ModelError | None = None
        self._judged: tuple[Unit, Judged | ModelError] | None = None
        self._inspected: dict[PrintSetup, Inspected | ModelError] = {}

    @contextlib.asynccontextmanager
    async def inspected(self, setup: PrintSetup) -> AsyncIterator[Inspected]:
        """The part as it will be printed; at the end of the context nothing works on it.

        Raises:
            ModelError: The model cannot be priced like this.
        """
        async with self._one_at_a_time:
            if setup not in self._inspected:
                self._inspected[setup] = await _outcome(self._set_down(setup))
            self._expected.discard(setup)
            if not self._expected:
                self._judged = None
        inspected = _unless_refused(self._inspected[setup])
        try:
            yield inspected
        finally:
            await inspected.settled()

    async def _set_down(self, setup: PrintSetup) -> Inspected:
        stl = self._folder / f"part-{len(self._inspected)}.stl"
        part = await complete_in_thread(
            set_down,
            await self._judge(setup.unit),
            stl,
            self._inspector.profiles.build_volume,
            orientation=setup.orientation,
            layer_height_mm=setup.layer_height_mm,
        )
        return Inspected(stl, asyncio.create_task(self._describe(part, setup)))

    async def _describe(self, part: SetDown, setup: PrintSetup) -> Part:
        described = await asyncio.to_thread(describe, part, line_width_mm=setup.line_width_mm)
        if not isinstance(self._conversion, Conversion):
            return described
        warnings = self._conversion.warnings + described.warnings
        return replace(described, format=STEP, warnings=warnings)

    async def _judge(self, unit: Unit) -> Judged:
        if self._judged is None or self._judged[0] is not unit:
            self._judged = None  # before the next is read: one is large enough
            self._judged = unit, await _outcome(self._judge_as(unit))
        return _unless_refused(self._judged[1])

    async def _judge_as(self, unit: Unit) -> Judged:
        is_converted = is_step(self._model)  # then it is in mm
        return await complete_in_thread(
            judge_model,
            await self._convert() if is_converted else self._model,
            self._inspector.profiles.build_volume,
            max_triangles=self._inspector.max_triangles,
            unit=None if is_converted else unit,
        )

    async def _convert(self) -> Path:
        if self._conversion is None:
            self._conversion = await _outcome(self._convert_once())
        return _unless_refused(self._conversion).path

    async def _convert_once(self) -> Conversion:
        converter = self._inspector.converter
        if converter is None or await converter.obstacle():
            raise ModelFormat("STEP files cannot be read on this server. Export the part as STL.")
        working = self._folder / "convert"
        working.mkdir(exist_ok=True)  # of a try that was cancelled
        return await converter.convert(self._model, working, self._folder / "converted.stl")


async def _outcome(work: Awaitable[_T]) -> _T | ModelError:
    """A refusal is a result too: the work is not done twice for it."""
    try:
        return await work
    except ModelError as error:
        return error


def _unless_refused(outcome: _T | ModelError) -> _T:
    if isinstance(outcome, ModelError):
        raise outcome
    return outcome

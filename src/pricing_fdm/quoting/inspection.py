"""What one model is, found out once for all the ways in which it is to be printed.

Judging a file does not depend on how it is printed, but for its unit; the pose and the shape's
warnings do. So several prices of one part cost one judgement, and one clean STL for each pose.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
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
class Inspector:
    """What inspecting needs besides the model.

    Attributes:
        converter: None where STEP files cannot be read.
        max_triangles: A model with more is refused.
    """

    converter: StepConverter | None
    profiles: ProfileSet
    max_triangles: int

    def way(self, order: Order) -> PrintSetup:
        """All of an order that the inspection depends on."""
        settings = order.print_settings
        return PrintSetup(
            order.unit,
            order.orientation,
            float(settings.layer_thickness.height_mm),
            self.profiles.line_width_mm(settings),
        )


@dataclass(frozen=True, slots=True)
class PrintSetup:
    """How a part is set down.

    Attributes:
        unit: Of the file's coordinates, where its format states none.
    """

    unit: Unit
    orientation: Orientation
    layer_height_mm: float
    line_width_mm: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """A part that can be sliced, and what will be said of it.

    Attributes:
        stl: The clean STL.
        description: Is being found out meanwhile.
    """

    stl: Path
    description: asyncio.Task[Part]

    async def part(self) -> Part:
        """What the part is."""
        await self.settled()
        return self.description.result()

    async def settled(self) -> None:
        """Returns when nothing of the part is being worked on any longer."""
        await complete(asyncio.gather(self.description, return_exceptions=True))


class Inspection:
    """One model's inspection.

    Args:
        model: The caller's bytes.
        folder: Where converted and clean files go; lives as long as this is used.
        ways: All that will be asked for. What was read is forgotten after the last: a large model
            takes hundreds of megabytes, which the slicer may need.
    """

    def __init__(
        self, inspector: Inspector, model: Path, folder: Path, ways: frozenset[PrintSetup]
    ) -> None:
        self._inspector = inspector
        self._model = model
        self._folder = folder
        self._awaited = set(ways)
        self._one_at_a_time = asyncio.Lock()
        self._conversion: Conversion | ModelError | None = None
        self._judged: tuple[Unit, Judged | ModelError] | None = None
        self._prepared: dict[PrintSetup, Prepared | ModelError] = {}

    async def part(self, way: PrintSetup) -> Prepared:
        """The part as it is set down; each way is gone once.

        Raises:
            ModelError: The model cannot be priced so.
        """
        async with self._one_at_a_time:
            if way not in self._prepared:
                self._prepared[way] = await _outcome(self._prepare(way))
            self._awaited.discard(way)
            if not self._awaited:
                self._judged = None
        return _unless_refused(self._prepared[way])

    async def _prepare(self, way: PrintSetup) -> Prepared:
        stl = self._folder / f"part-{len(self._prepared)}.stl"
        part = await complete_in_thread(
            set_down,
            await self._judge(way.unit),
            stl,
            self._inspector.profiles.build_volume,
            orientation=way.orientation,
            layer_height_mm=way.layer_height_mm,
        )
        return Prepared(stl, asyncio.create_task(self._describe(part, way)))

    async def _describe(self, set_down_part: SetDown, way: PrintSetup) -> Part:
        part = await asyncio.to_thread(describe, set_down_part, line_width_mm=way.line_width_mm)
        if not isinstance(self._conversion, Conversion):
            return part
        warnings = self._conversion.warnings + part.warnings
        return replace(part, format=STEP, warnings=warnings)

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
    """A refusal is an outcome, too: it is not worked for twice."""
    try:
        return await work
    except ModelError as error:
        return error


def _unless_refused(outcome: _T | ModelError) -> _T:
    if isinstance(outcome, ModelError):
        raise outcome
    return outcome

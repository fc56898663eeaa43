"""The plates of an order: packed, and each distinct one sliced once.

The copies of one part come to some equal full plates and one with the rest, so at most two plates
are sliced, side by side within the slots. A copy that is alone on its plate lies as it does by
itself, and its figures are those of the part. The key of a plate holds its layout and not the
quantity: equal plates of different orders share one result.

A plate may hold several parts that are printed alike, each with a model of its own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from pricing_fdm.concurrency.completion import complete_in_thread
from pricing_fdm.model import Placement, QuoteWarning, SliceResult
from pricing_fdm.plates.packing import Layout, pack
from pricing_fdm.pricing.job import Plate
from pricing_fdm.quoting.cache.key import key_of
from pricing_fdm.quoting.plate_work import Copies, PlateWork, too_much_for_one_plate
from pricing_fdm.quoting.side_by_side import OneOfThem, SideBySide
from pricing_fdm.quoting.slicing import Slicing
from pricing_fdm.quoting.timing import ProgressListener
from pricing_fdm.quoting.without_support import NEEDS_SUPPORT
from pricing_fdm.slicers.presets.plate_room import PlateRoom, plate_room


@dataclass(frozen=True, slots=True)
class SlicedPlate:
    """A plate that is printed so many times.

    Attributes:
        cached: Nothing was sliced for it now.
    """

    layout: Layout
    times: int
    result: SliceResult
    cached: bool = True

    @property
    def warnings(self) -> tuple[QuoteWarning, ...]:
        """The slicer's warnings, without the one about support, which the part has."""
        found = self.result.warnings + self.result.metrics.warnings
        return tuple(warning for warning in found if warning.code != NEEDS_SUPPORT)

    def priced(self, heat_up_s: Decimal) -> Plate:
        """The plate as pricing takes it."""
        return Plate(len(self.layout), self.times, self.result.metrics, heat_up_s)


@dataclass(frozen=True, slots=True)
class SharedPlates:
    """Parts that are printed together: on one printer, with the same presets and settings.

    Attributes:
        copies_max: On one plate.
    """

    slicing: Slicing
    copies_max: int
    parts: tuple[Copies, ...]

    async def layouts(self) -> tuple[tuple[Layout, int], ...]:
        """The distinct plates, and how many there are of each.

        Where copies are printed one after the other, one that the head cannot pass over is alone.
        """
        room = self._room()
        tall = [each.single.part.pose.dimensions_mm[2] > room.height_max_mm for each in self.parts]
        wanted = [
            (each.single.part.outline, 0 if is_tall else each.order.quantity)
            for each, is_tall in zip(self.parts, tall, strict=True)
        ]
        plates = await complete_in_thread(
            lambda: Counter(pack(wanted, room.bed, room.gap_mm, self.copies_max))
        )
        for number, each in enumerate(self.parts):
            if tall[number]:
                plates[Placement(number, 0.0, 0.0, 0),] = each.order.quantity
        return tuple(plates.items())

    def _room(self) -> PlateRoom:
        first = self.parts[0]
        return plate_room(
            first.plan.presets,
            first.plan.printer.build_volume,
            dict(first.order.print_settings.overrides),
            supported=any(each.is_supported for each in self.parts),
        )

    async def sliced(self, listener: ProgressListener) -> tuple[SlicedPlate, ...]:
        """The plates with their figures.

        Raises:
            PricingError: From the step that failed; what is too much for one plate is said so.
        """
        layouts = await self.layouts()
        together = SideBySide(listener, len(layouts))
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._sliced(layout, times, each))
                    for (layout, times), each in zip(layouts, together.listeners(), strict=True)
                ]
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        return tuple(task.result() for task in tasks)

    async def at_hand(self) -> tuple[SlicedPlate, ...] | None:
        """The same if all their results are at hand; nothing is sliced."""
        found = []
        for layout, times in await self.layouts():
            result = self._single(layout) or self.slicing.results.at_hand(self._key(layout))
            if result is None:
                return None
            found.append(SlicedPlate(layout, times, result))
        return tuple(found)

    def _single(self, layout: Layout) -> SliceResult | None:
        """The result of a plate with one copy, which is that of the part by itself."""
        return self.parts[layout[0].part].single if len(layout) == 1 else None

    async def _sliced(self, layout: Layout, times: int, listener: OneOfThem) -> SlicedPlate:
        single = self._single(layout)
        if single is not None:
            listener.finished()
            return SlicedPlate(layout, times, single)
        plate = PlateWork(self.slicing, self._key(layout), self._on_plate(layout), layout)
        with too_much_for_one_plate(len(layout)):
            result, cached = await self.slicing.result(
                plate.key, plate.suspect, listener, plate.slice
            )
        listener.finished()
        return SlicedPlate(layout, times, result, cached)

    def _on_plate(self, layout: Layout) -> dict[int, Copies]:
        return {number: self.parts[number] for number in sorted({copy.part for copy in layout})}

    def _key(self, layout: Layout) -> str:
        """Equal keys mean equal figures; the numbers of the parts in their order do not matter."""
        names = {
            number: self.slicing.part_key(each.plan, each.order, each.model.download.sha256)
            for number, each in self._on_plate(layout).items()
        }
        copies = (
            f"{names[copy.part]} {copy.x_mm:.9f} {copy.y_mm:.9f} {copy.turned_deg}"
            for copy in layout
        )
        return key_of({"plate": " ".join(copies)})

"""Which parts of an order are printed together, and on which plates.

Parts share plates when they are printed on one printer, with equal settings and in one colour, and
all with support or all without. Each part fills plates of its own as far as its copies go; what is
left over is what shares. Where plates of their own cost less and their figures are at hand, parts
get these: one that is alone has none to make.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pricing_fdm.errors import PricingError
from pricing_fdm.model import QuoteWarning
from pricing_fdm.pricing.job import Batch, Job, Plate, WholeOrder
from pricing_fdm.pricing.quote import price_order
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.quoting.plate_work import Copies
from pricing_fdm.quoting.plates import SlicedPlate
from pricing_fdm.quoting.quote import Answer, priced_plates
from pricing_fdm.quoting.slicing import FetchedModel
from pricing_fdm.quoting.timing import StageTimer


@dataclass(frozen=True, slots=True)
class PrintedPart:
    """A part whose figures by itself are known."""

    model: FetchedModel
    answer: Answer
    job: Job

    @property
    def copies(self) -> Copies:
        """Copies of the part, to be packed."""
        return Copies(self.answer.plan, self.job.order, self.model, self.answer.result)


@dataclass(frozen=True, slots=True)
class OrderedPlate:
    """A plate of an order.

    Attributes:
        copies: How many of each part, by the part's number.
    """

    printer: str
    copies: Mapping[int, int]
    plate: Plate


@dataclass(slots=True)
class InBatches:
    """An order as it is printed.

    Attributes:
        parts: Those of the order, by their numbers; `cached` only if their plates are, too.
        batches: What is printed together.
        numbers: The parts of all batches, one batch after the other.
        errors: Of the parts that have no plates.
    """

    parts: list[PrintedPart]
    batches: tuple[Batch, ...] = ()
    numbers: tuple[int, ...] = ()
    plates: tuple[OrderedPlate, ...] = ()
    warnings: tuple[QuoteWarning, ...] = ()
    errors: dict[int, PricingError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Together:
    """Parts and their plates."""

    numbers: tuple[int, ...]
    batch: Batch
    sliced: tuple[SlicedPlate, ...]

    def plates(self) -> tuple[OrderedPlate, ...]:
        """With the numbers of the order."""
        printer, layouts = self.batch.printer, [each.layout for each in self.sliced]
        if not layouts:  # each copy on a plate of its own
            return tuple(
                OrderedPlate(printer, {self.numbers[0]: each.copies}, each)
                for each in self.batch.plates
            )
        return tuple(
            OrderedPlate(printer, Counter(self.numbers[copy.part] for copy in layout), plate)
            for layout, plate in zip(layouts, self.batch.plates, strict=True)
        )


async def in_batches(
    pipeline: Pipeline, parts: Sequence[PrintedPart], timer: StageTimer
) -> InBatches:
    """Puts parts together and slices their plates, side by side within the slots."""
    found, printing = InBatches(list(parts)), _Printing(pipeline, parts)
    groups = printed_together(pipeline, [part.copies for part in parts])
    async with asyncio.TaskGroup() as tasks:
        works = [tasks.create_task(printing.batches(group, timer.fork())) for group in groups]
    together: list[_Together] = []
    for group, work in zip(groups, works, strict=True):
        result = work.result()
        if isinstance(result, PricingError):
            found.errors |= dict.fromkeys(group, result)
        else:
            together += result
    for each in together:
        for number in each.numbers:
            found.parts[number] = _with_plates(parts[number], each.sliced)
    found.batches = tuple(each.batch for each in together)
    found.numbers = tuple(number for each in together for number in each.numbers)
    found.plates = tuple(plate for each in together for plate in each.plates())
    found.warnings = tuple(
        warning for each in together for plate in each.sliced for warning in plate.warnings
    )
    return found


def _with_plates(part: PrintedPart, sliced: Sequence[SlicedPlate]) -> PrintedPart:
    cached = part.answer.cached and all(plate.cached for plate in sliced)
    return replace(part, answer=replace(part.answer, cached=cached))


def printed_together(pipeline: Pipeline, parts: Sequence[Copies]) -> list[tuple[int, ...]]:
    """The numbers of the parts that share plates."""
    groups: dict[object, list[int]] = {}
    packs = pipeline.shop.tariff.quantity == "plates"
    for number, part in enumerate(parts):
        order = part.as_printed().order
        alike = (part.plan.printer.id, order.print_settings, order.colour)
        groups.setdefault(alike if packs else number, []).append(number)
    return [tuple(group) for group in groups.values()]


@dataclass(frozen=True, slots=True)
class _Printing:
    """The parts of an order, which are printed in groups: the numbers of parts."""

    pipeline: Pipeline
    parts: Sequence[PrintedPart]

    async def batches(
        self, group: tuple[int, ...], timer: StageTimer
    ) -> list[_Together] | PricingError:
        """One batch, or one for each part where that costs less; or why there is none."""
        try:
            found = await self._sliced(group, timer)
        except PricingError as error:
            timer.stop(failed=True)
            return error
        timer.stop()
        return found

    async def _sliced(self, group: tuple[int, ...], timer: StageTimer) -> list[_Together]:
        members = [self.parts[number] for number in group]
        if len(members) == 1:
            packs = self.pipeline.has_plates(members[0].job.order)
            plates = await self.pipeline.plates(members[0].copies).sliced(timer) if packs else ()
            return [self._together(group, plates)]
        printed = (each.copies.as_printed() for each in members)
        shared = [self._together(group, await self.pipeline.plates(*printed).sliced(timer))]
        apart = await self._apart(group)
        return shared if apart is None or _total(shared) <= _total(apart) else apart

    async def _apart(self, group: tuple[int, ...]) -> list[_Together] | None:
        """Each part on plates of its own; None where they would have to be sliced."""
        found = []
        for number in group:
            part = self.parts[number]
            packs = self.pipeline.has_plates(part.job.order)
            plates = await self.pipeline.plates(part.copies).at_hand() if packs else ()
            if plates is None:
                return None
            found.append(self._together((number,), plates))
        return found

    def _together(self, group: tuple[int, ...], sliced: tuple[SlicedPlate, ...]) -> _Together:
        jobs = tuple(self.parts[number].job for number in group)
        first = self.parts[group[0]].answer
        shop, printer = self.pipeline.shop, first.printer.id
        plates = priced_plates(jobs[0].order, shop, printer, sliced, first.result.metrics)
        return _Together(group, Batch(jobs, plates), sliced)


def _total(batches: Sequence[_Together]) -> Decimal:
    return price_order(WholeOrder(tuple(each.batch for each in batches), None)).total

"""Prices what is predicted of an order by the rules of a quote: what is likely, and both ends.

The lower end of an order is its price if all its parts are at their lower ends, and the upper end
likewise. Were the errors of parts independent, they would add up as the root of the sum of their
squares, and the range would be narrower. But the parts of an order are often of one project, and
so alike that the model errs alike in them: such ranges held far less than they promise
(`docs/estimate.md`). These hold at least that.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from pricing_fdm.estimate.features import Sections
from pricing_fdm.estimate.predict import Prediction
from pricing_fdm.estimate.preset_figures import PresetFigures
from pricing_fdm.model import Metrics, Part, QuoteWarning
from pricing_fdm.pricing.job import Batch, Job, Plate, WholeOrder
from pricing_fdm.pricing.quote import Price, price_order
from pricing_fdm.quoting.complexity import complexity
from pricing_fdm.quoting.estimate_notes import Overhead
from pricing_fdm.quoting.plate_work import Copies
from pricing_fdm.quoting.workshop import Plan
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.tariff import Speed

_T = TypeVar("_T")
_Number = TypeVar("_Number", int, Decimal)
_MM3_PER_CM3 = 1000


@dataclass(frozen=True, slots=True)
class Ends(Generic[_T]):
    """A figure, and where it lies with the probability of the interval."""

    low: _T
    likely: _T
    high: _T


@dataclass(frozen=True, slots=True)
class Measured:
    """A part as it would be printed on a printer, and all that a prediction looks at."""

    plan: Plan
    part: Part
    sections: Sections
    figures: PresetFigures


@dataclass(frozen=True, slots=True)
class PredictedPart:
    """A part of an order, and the figures of one copy of it.

    Attributes:
        copies: As they would be printed, with the likely figures.
        copy: The figures of one copy.
    """

    copies: Copies
    copy: Ends[Metrics]


@dataclass(frozen=True, slots=True)
class PackedPlate:
    """A plate of an order, which is printed so many times.

    Attributes:
        copies: How many of each part, by the part's number.
    """

    printer: str
    copies: Mapping[int, int]
    times: int


@dataclass(frozen=True, slots=True)
class PackedBatch:
    """Parts that are printed together.

    Attributes:
        numbers: Of the parts.
        overhead: What a plate takes besides its copies.
        waiting_hours: What waits at the printer, where lead times depend on it.
    """

    numbers: tuple[int, ...]
    plates: tuple[PackedPlate, ...]
    overhead: Overhead
    waiting_hours: Decimal | None


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """What an order would come to.

    Attributes:
        shares: Of the price, part by part; the likely ones add up to it.
        warnings: What the order asks for and would not get.
    """

    price: Ends[Decimal]
    lead_time_days: Ends[int]
    shares: tuple[Ends[Decimal], ...]
    plates: tuple[PackedPlate, ...]
    warnings: tuple[QuoteWarning, ...]


@dataclass(frozen=True, slots=True)
class OrderPricing:
    """What all ends of the ranges of an order are priced with."""

    shop: Shop
    speed: Speed | None
    parts: tuple[PredictedPart, ...]
    batches: tuple[PackedBatch, ...]

    def figures(self) -> OrderFigures:
        """The prices of what was predicted."""
        low, likely, high = (
            self._priced([part.copy.low for part in self.parts]),
            self._priced([part.copy.likely for part in self.parts]),
            self._priced([part.copy.high for part in self.parts]),
        )
        numbers = [number for batch in self.batches for number in batch.numbers]
        shares = [dict(zip(numbers, price.shares, strict=True)) for price in (low, likely, high)]
        return OrderFigures(
            price=_rising(low.total, likely.total, high.total),
            lead_time_days=_rising(*(each.lead_time_days for each in (low, likely, high))),
            shares=tuple(_rising(*(each[number] for each in shares)) for number in sorted(numbers)),
            plates=tuple(plate for batch in self.batches for plate in batch.plates),
            warnings=likely.warnings,
        )

    def _priced(self, copies: Sequence[Metrics]) -> Price:
        """The order if its parts had these figures."""
        now = dt.datetime.now(dt.UTC)
        batches = []
        for packed in self.batches:
            jobs = tuple(
                self._job(self.parts[number].copies, copies[number], packed, now)
                for number in packed.numbers
            )
            plates = (self._plate(each, packed.overhead, copies) for each in packed.plates)
            batches.append(Batch(jobs, tuple(plates)))
        return price_order(WholeOrder(tuple(batches), self.speed))

    def _job(self, printed: Copies, copy: Metrics, packed: PackedBatch, now: dt.datetime) -> Job:
        part = printed.single.part
        return Job(
            order=printed.order,
            shop=self.shop,
            printer=printed.plan.printer.id,
            plates=(),  # they are the batch's
            copy=copy,
            complexity=complexity(part, copy),
            surface_cm2=part.surface_cm2,
            now=now,
            warnings=part.warnings,
            backlog_hours=packed.waiting_hours,
        )

    def _plate(self, packed: PackedPlate, overhead: Overhead, copies: Sequence[Metrics]) -> Plate:
        on_plate = [(copies[number], many) for number, many in packed.copies.items()]
        return Plate(
            sum(packed.copies.values()),
            packed.times,
            overhead.of_plate(on_plate),
            self.shop.printer(packed.printer).heat_up_s,
        )


def _rising(low: _Number, likely: _Number, high: _Number) -> Ends[_Number]:
    """A range that holds all three.

    An upper end may cost less, where a speed is too late to be charged; and a part whose range is
    narrow has a smaller share where the others come to more.
    """
    return Ends(min(low, likely, high), likely, max(low, likely, high))


def copy_of(measured: Measured, predicted: Prediction) -> Ends[Metrics]:
    """The figures of one copy, as far as they can be told."""
    ranges = predicted.print_time_s, predicted.filament_g, predicted.support_g
    return Ends(
        _metrics(measured, *(each.low for each in ranges)),
        _metrics(measured, *(each.likely for each in ranges)),
        _metrics(measured, *(each.high for each in ranges)),
    )


def _metrics(
    measured: Measured, print_time_s: float, filament_g: float, support_g: float
) -> Metrics:
    """As a slice would state them; length and volume follow from the weight."""
    filament = measured.plan.presets.filament
    density, diameter = (
        float(filament.text(key)) for key in ("filament_density", "filament_diameter")
    )
    volume_cm3 = filament_g / density
    section_mm2 = math.pi * diameter**2 / 4
    return Metrics(
        print_time_s=_decimal(print_time_s),
        filament_mm=_decimal(volume_cm3 * _MM3_PER_CM3 / section_mm2),
        filament_g=_decimal(filament_g),
        volume_cm3=_decimal(volume_cm3),
        layers=math.ceil(measured.part.pose.dimensions_mm[2] / measured.figures.layer_height),
        support_g=_decimal(min(support_g, filament_g)),
    )


def _decimal(figure: float) -> Decimal:
    return Decimal(f"{figure:.4f}")

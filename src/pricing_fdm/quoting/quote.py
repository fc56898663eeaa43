"""What a quote is made from and what it holds: slice results in, a price out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from pricing_fdm.model import (
    Complexity,
    Download,
    EngineInfo,
    Metrics,
    Order,
    Part,
    QuoteWarning,
    SliceResult,
)
from pricing_fdm.pricing.job import Job, Plate
from pricing_fdm.pricing.quote import Price
from pricing_fdm.quoting.complexity import complexity
from pricing_fdm.quoting.plates import SlicedPlate
from pricing_fdm.quoting.workshop import Plan, PrinterChoice
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.offer import require_size
from pricing_fdm.slicers.fallback import FALLBACK


@dataclass(frozen=True, slots=True)
class Answer:
    """The slice results that an order is priced by.

    Attributes:
        result: Of one part by itself.
        printer: On which the part is printed.
        cached: Nothing was sliced.
        plates: The real ones of all copies; none where one copy is multiplied.
        bare: The result of the same without support, where it has some and that is at hand.
        bare_plates: The plates of that.
    """

    result: SliceResult
    plan: Plan
    printer: PrinterChoice
    cached: bool
    plates: tuple[SlicedPlate, ...] = ()
    bare: SliceResult | None = None
    bare_plates: tuple[SlicedPlate, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """An order's price, and everything it was worked out from.

    Attributes:
        cached: The slice result came from the cache; nothing was sliced.
    """

    order: Order
    download: Download
    part: Part
    engine: EngineInfo
    printer: PrinterChoice
    metrics: Metrics
    complexity: Complexity
    price: Price
    warnings: tuple[QuoteWarning, ...]
    cached: bool

    @property
    def fell_back(self) -> bool:
        """Whether the first slicer crashed and the figures are the other's."""
        return any(warning.code == FALLBACK for warning in self.warnings)


def job_of(order: Order, answer: Answer, shop: Shop, backlog_hours: Decimal | None) -> Job:
    """What the price is worked out from.

    Raises:
        InvalidRequest: The part is too large for a finish.
    """
    part, metrics = answer.result.part, answer.result.metrics
    require_size(order.finishes, part.dimensions_mm, shop)
    of_plates = (warning for plate in answer.plates for warning in plate.warnings)
    of_part = part.warnings + answer.result.warnings + metrics.warnings
    return Job(
        order=order,
        shop=shop,
        printer=answer.printer.id,
        plates=priced_plates(order, shop, answer.printer.id, answer.plates, metrics),
        copy=metrics,
        complexity=complexity(part, metrics),
        surface_cm2=part.surface_cm2,
        now=dt.datetime.now(dt.UTC),
        warnings=tuple(dict.fromkeys((*of_part, *of_plates))),
        backlog_hours=backlog_hours,
    )


def priced_plates(
    order: Order, shop: Shop, printer: str, plates: tuple[SlicedPlate, ...], copy: Metrics
) -> tuple[Plate, ...]:
    """The real plates, or else one for each copy."""
    heat_up_s = shop.printer(printer).heat_up_s
    if not plates:
        return (Plate(1, order.quantity, copy, heat_up_s),)
    return tuple(plate.priced(heat_up_s) for plate in plates)


def quoted(
    job: Job, download: Download, answer: Answer, found: Price, warnings: tuple[QuoteWarning, ...]
) -> Quote:
    """A part with its price, or with that of the order that it belongs to."""
    result = answer.result
    return Quote(
        order=job.order,
        download=download,
        part=result.part,
        engine=result.engine,
        printer=answer.printer,
        metrics=result.metrics,
        complexity=job.complexity,
        price=found,
        warnings=warnings,
        cached=answer.cached,
    )

"""All that the price of an order is worked out from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.model import Complexity, Metrics, Order, QuoteWarning
from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.shop.catalogue import Finish, Shop
from pricing_fdm.shop.tariff import Speed

_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Plate:
    """Copies that are printed together.

    Attributes:
        copies: On one plate.
        times: How many such plates there are.
        metrics: Of one plate.
        heat_up_s: What the slicer does not count of the time that one keeps the machine.
    """

    copies: int
    times: int
    metrics: Metrics
    heat_up_s: Decimal = Decimal(0)

    @property
    def machine_time_s(self) -> Decimal:
        """How long one plate keeps the machine."""
        return EXACT.add(self.metrics.print_time_s, self.heat_up_s)


@dataclass(frozen=True, slots=True)
class Job:
    """A part of an order whose slice results are known.

    Attributes:
        printer: The id of the one that prints it.
        plates: Of all copies, where no other part is printed with them.
        copy: The figures of one copy by itself.
        surface_cm2: Of the model.
        warnings: Of the whole quote.
        now: When it is priced, with a time zone.
        backlog_hours: Machine hours that wait at the printer already; None: as the shop file says.
    """

    order: Order
    shop: Shop
    printer: str
    plates: tuple[Plate, ...]
    copy: Metrics
    complexity: Complexity
    surface_cm2: Decimal
    now: dt.datetime
    warnings: tuple[QuoteWarning, ...] = ()
    backlog_hours: Decimal | None = field(default=None)

    @property
    def speed(self) -> Speed | None:
        """The faster delivery that is ordered."""
        return self.shop.tariff.speed(self.order.speed)

    @property
    def finishes(self) -> tuple[Finish, ...]:
        """The finishes that are ordered, in the order of the shop file."""
        return tuple(each for each in self.shop.finishes if each.id in self.order.finishes)


@dataclass(frozen=True, slots=True)
class Batch:
    """Parts that are printed together: on one printer, in one material, with equal settings."""

    jobs: tuple[Job, ...]
    plates: tuple[Plate, ...]

    @property
    def printer(self) -> str:
        """The id of the one that prints them."""
        return self.jobs[0].printer

    @property
    def backlog_hours(self) -> Decimal | None:
        """Machine hours that wait at it already; None: as the shop file says."""
        return self.jobs[0].backlog_hours

    @property
    def plate_count(self) -> int:
        """How many plates are printed."""
        return sum(plate.times for plate in self.plates)

    @property
    def filament_g(self) -> Fraction:
        """Of all plates, support and all."""
        return _sum((plate, plate.metrics.filament_g) for plate in self.plates)

    @property
    def hours(self) -> Fraction:
        """Of one machine, one plate after the other."""
        times_s = _sum((plate, plate.machine_time_s) for plate in self.plates)
        return times_s / _SECONDS_PER_HOUR

    @property
    def support_g(self) -> Fraction:
        """Of all plates.

        Raises:
            ResultIncomplete: The slicer does not say how much of a plate is support.
        """
        if any(plate.metrics.support_g is None for plate in self.plates):
            raise ResultIncomplete(
                "The slicer does not say how much of the part is support, and the price depends "
                "on it."
            )
        return _sum((plate, plate.metrics.support_g or Decimal(0)) for plate in self.plates)


@dataclass(frozen=True, slots=True)
class WholeOrder:
    """All parts of an order, in batches; a quote is the order of one part.

    Attributes:
        speed: The faster delivery that is ordered.
    """

    batches: tuple[Batch, ...]
    speed: Speed | None

    @classmethod
    def of_one(cls, job: Job) -> WholeOrder:
        """The order of one part."""
        return cls((Batch((job,), job.plates),), job.speed)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The parts."""
        return tuple(job for batch in self.batches for job in batch.jobs)

    @property
    def shop(self) -> Shop:
        """Where it is ordered."""
        return self.jobs[0].shop

    @property
    def now(self) -> dt.datetime:
        """When it is priced."""
        return self.jobs[0].now

    @property
    def copies(self) -> int:
        """Of all parts."""
        return sum(job.order.quantity for job in self.jobs)

    @property
    def plates(self) -> tuple[Plate, ...]:
        """Of all batches."""
        return tuple(plate for batch in self.batches for plate in batch.plates)

    @property
    def hours(self) -> Fraction:
        """Of printing, one plate after the other."""
        return sum((batch.hours for batch in self.batches), Fraction(0))

    @property
    def filament_g(self) -> Fraction:
        """Of the order, support and all."""
        return sum((batch.filament_g for batch in self.batches), Fraction(0))

    @property
    def support_g(self) -> Fraction:
        """Of the order; see `Batch.support_g`."""
        return sum((batch.support_g for batch in self.batches), Fraction(0))

    @property
    def printers(self) -> frozenset[str]:
        """Which print it."""
        return frozenset(batch.printer for batch in self.batches)

    @property
    def finishes(self) -> tuple[Finish, ...]:
        """The finishes of any part, in the order of the shop file."""
        wanted = {each.id for job in self.jobs for each in job.finishes}
        return tuple(each for each in self.shop.finishes if each.id in wanted)

    @property
    def warnings(self) -> tuple[QuoteWarning, ...]:
        """Of all parts."""
        return tuple(warning for job in self.jobs for warning in job.warnings)


def _sum(of_plates: Iterable[tuple[Plate, Decimal]]) -> Fraction:
    return sum((Fraction(figure) * plate.times for plate, figure in of_plates), Fraction(0))

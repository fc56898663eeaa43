"""All that the price of an order is worked out from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.model import Complexity, Metrics, Order, QuoteWarning
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
    """

    copies: int
    times: int
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Job:
    """An order whose slice results are known.

    Attributes:
        printer: The id of the one that prints it.
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
    def plate_count(self) -> int:
        """How many plates are printed."""
        return sum(plate.times for plate in self.plates)

    @property
    def filament_g(self) -> Fraction:
        """Of the order, support and all."""
        return _sum((plate, plate.metrics.filament_g) for plate in self.plates)

    @property
    def hours(self) -> Fraction:
        """Of printing, one plate after the other."""
        times_s = _sum((plate, plate.metrics.print_time_s) for plate in self.plates)
        return times_s / _SECONDS_PER_HOUR

    @property
    def support_g(self) -> Fraction:
        """Of the order.

        Raises:
            ResultIncomplete: The slicer does not say how much of a plate is support.
        """
        if any(plate.metrics.support_g is None for plate in self.plates):
            raise ResultIncomplete(
                "The slicer does not say how much of the part is support, and the price depends "
                "on it."
            )
        return _sum((plate, plate.metrics.support_g or Decimal(0)) for plate in self.plates)

    @property
    def speed(self) -> Speed | None:
        """The faster delivery that is ordered."""
        speeds = self.shop.tariff.speeds
        return next((each for each in speeds if each.id == self.order.speed), None)

    @property
    def finishes(self) -> tuple[Finish, ...]:
        """The finishes that are ordered, in the order of the shop file."""
        return tuple(each for each in self.shop.finishes if each.id in self.order.finishes)


def _sum(of_plates: Iterable[tuple[Plate, Decimal]]) -> Fraction:
    return sum((Fraction(figure) * plate.times for plate, figure in of_plates), Fraction(0))

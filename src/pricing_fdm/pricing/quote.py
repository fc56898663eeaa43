"""The price of an order, in six steps.

1. material and machine, with the share that fails
2. handling of the plates, removal of the support, finishes, the colour
3. the base fee
4. the margin on all of that, then the factors of material and complexity, then the speed
5. the discount, the minimum, the ending and the rounding
6. the tax

What a shop leaves out adds nothing, so this is the only formula, whatever the price model. Amounts
are exact until the end; the lines of the price are rounded half-up once each and add up to the
total, with a line `rounding` where their roundings do not. Where the shop's amounts hold the tax,
the lines are shown without it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pricing_fdm.model import QuoteWarning
from pricing_fdm.pricing.bill import Bill, Line, customer_lines, line_of, shown_lines
from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.pricing.job import Job, Plate
from pricing_fdm.pricing.lead_time import lead_time_days, local_time
from pricing_fdm.pricing.money import smallest_unit, to_step
from pricing_fdm.pricing.price_ending import PriceEnding, with_ending
from pricing_fdm.pricing.review import Reason, review_reasons
from pricing_fdm.shop.catalogue import Finish
from pricing_fdm.shop.tariff import Speed

_SECONDS_PER_HOUR = 3600
_PERCENT = 100
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Price:
    """What an order costs and when it is ready.

    Attributes:
        total: Of the order, all included.
        unit: Total divided by quantity.
        net: The total without the tax.
        lines: Add up to `total`.
        customer_lines: The same in the lines that customers see.
        lead_time_days: Of the order.
        print_time_hours: Of one part by itself, not rounded.
        valid_until: The last day on which it holds, in the shop's time zone.
        review: Why a person should look before it binds; nothing where it binds.
        warnings: What the order asked for and does not get.
    """

    shop_version: str
    currency: str
    total: Decimal
    unit: Decimal
    net: Decimal
    tax: Decimal
    lines: tuple[Line, ...]
    customer_lines: tuple[Line, ...]
    plates: tuple[Plate, ...]
    lead_time_days: int
    print_time_hours: Decimal
    valid_until: dt.date
    review: tuple[Reason, ...]
    warnings: tuple[QuoteWarning, ...]

    def amount(self, code: str) -> Decimal:
        """The amount of a line; it is there."""
        return next(line.amount for line in self.lines if line.code == code)


def price(job: Job) -> Price:
    """Prices an order.

    Raises:
        ValueError: The order is for less than one copy.
        ResultIncomplete: The price depends on a figure that the slicer did not give.
    """
    quantity = job.order.quantity
    if quantity < 1:
        raise ValueError(f"quantity must be at least 1, not {quantity}")
    usual_days = lead_time_days(job, None)
    fast_days = usual_days if job.speed is None else lead_time_days(job, job.speed)
    speed = job.speed if fast_days < usual_days else None
    bill = _bill(job, speed)
    found = _totals(job, bill)
    total = EXACT.add(found.net, found.tax)
    is_sum = job.shop.tariff.tax is None and job.shop.tariff.rounding_step is None
    today = local_time(job.now, job.shop.lead_time).date()
    return Price(
        shop_version=job.shop.version,
        currency=job.shop.currency,
        total=total,
        # Rounded once where it can be: the total is rounded already.
        unit=to_step(
            (bill.sum if is_sum else Fraction(total)) / quantity,
            smallest_unit(job.shop.minor_digits),
        ),
        net=found.net,
        tax=found.tax,
        lines=found.lines,
        customer_lines=customer_lines(found.lines, job.shop.customer.lines),
        plates=job.plates,
        lead_time_days=fast_days if speed else usual_days,
        print_time_hours=EXACT.divide(job.copy.print_time_s, _SECONDS_PER_HOUR),
        valid_until=today + dt.timedelta(days=job.shop.quote.valid_days),
        review=tuple(review_reasons(job, total)),
        warnings=_not_earlier(job.speed, usual_days) if job.speed and not speed else (),
    )


def _bill(job: Job, speed: Speed | None) -> Bill:
    """Steps 1 to 5 but for the rounding."""
    tariff, quantity = job.shop.tariff, job.order.quantity
    material = job.shop.material(job.order.print_settings.material)
    colour = next((each for each in material.colours if each.id == job.order.colour), None)
    with_failures = 1 + _share(tariff.failure_percent)
    material_cost = job.filament_g * Fraction(material.gram_cost) * with_failures
    bill = Bill()

    bill.add("material", "Material", material_cost)
    bill.add("machine", "Machine time", job.hours * _rate(job) * with_failures)

    bill.add_some("handling", "Handling", job.plate_count * Fraction(tariff.handling_per_plate))
    if tariff.support_removal_per_g:
        removal = job.support_g * Fraction(tariff.support_removal_per_g)
        bill.add_some("support_removal", "Support removal", removal)
    for finish in job.finishes:
        bill.add(f"finish:{finish.id}", finish.name, _finish_cost(finish, job))
    if colour is not None:
        surcharge = material_cost * _share(colour.surcharge_percent)
        bill.add_some("colour", colour.name, surcharge)

    bill.add("base_fee", "Base fee", Fraction(tariff.base_fee))

    bill.add("margin", "Margin", bill.sum * (Fraction(tariff.margin_of(quantity)) - 1))
    material_factor = tariff.material_factors.get(material.id, _ONE)
    bill.multiply("material_factor", "Material factor", material_factor)
    complexity_factor = tariff.complexity_factors.get(job.complexity, _ONE)
    bill.multiply("complexity", "Complexity", complexity_factor)
    if speed is not None:
        bill.multiply("speed", speed.name, speed.factor)

    discount = -bill.sum * _share(tariff.discount_percent(quantity))
    bill.add_some("quantity_discount", "Quantity discount", discount)
    per_part = Fraction(tariff.minimum_per_part) * quantity
    least = max(per_part, Fraction(tariff.minimum_per_order))
    bill.add_some("minimum", "Minimum", max(Fraction(0), least - bill.sum))
    if tariff.ending is not PriceEnding.NONE:
        ending = with_ending(bill.sum, tariff.ending)
        bill.add("price_ending", "Price ending", ending - bill.sum)
    return bill


@dataclass(frozen=True, slots=True)
class _Totals:
    net: Decimal
    tax: Decimal
    lines: tuple[Line, ...]


def _totals(job: Job, bill: Bill) -> _Totals:
    """The rounding of step 5, and step 6."""
    tax, seen = job.shop.tariff.tax, job.shop.customer.lines
    unit = smallest_unit(job.shop.minor_digits)
    rounded = to_step(Fraction(to_step(bill.sum, job.shop.tariff.rounding_step or unit)), unit)
    if tax is None:
        return _Totals(rounded, to_step(Fraction(0), unit), shown_lines(bill, rounded, seen))
    rate = _share(tax.percent)
    net_share = 1 / (1 + rate) if tax.included else Fraction(1)
    tax_amount = to_step(Fraction(rounded) * net_share * rate, unit)
    net = EXACT.subtract(rounded, tax_amount) if tax.included else rounded
    label = f"{tax.label} {tax.percent:f} %"
    lines = shown_lines(bill, net, seen, net_share)
    return _Totals(net, tax_amount, (*lines, line_of("tax", label, tax_amount, seen)))


def _rate(job: Job) -> Fraction:
    return Fraction(job.shop.machine_rate(job.printer))


def _finish_cost(finish: Finish, job: Job) -> Fraction:
    per_part = Fraction(finish.per_part) + Fraction(finish.per_cm2) * Fraction(job.surface_cm2)
    return per_part * job.order.quantity + Fraction(finish.per_order)


def _share(percent: Decimal) -> Fraction:
    return Fraction(percent) / _PERCENT


def _not_earlier(speed: Speed, usual_days: int) -> tuple[QuoteWarning, ...]:
    message = (
        f"{speed.name} would not be ready before the usual {usual_days} days, so it costs nothing "
        "more."
    )
    return (QuoteWarning("speed_not_earlier", message, {"lead_time_days": usual_days}),)

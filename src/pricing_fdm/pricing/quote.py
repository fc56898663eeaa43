"""The price of an order, in six steps.

1. material and machine, with the share that fails
2. handling of the plates, removal of the support, finishes, the colour
3. the base fee
4. the margin on all of that, then the factors of material and complexity, then the speed
5. the discount, the minimum, the ending and the rounding
6. the tax

Steps 1 to 4 are taken part by part (`part_bills`), the others for the whole order. A quote is the
order of one part.

What a shop leaves out adds nothing, so this is the only formula, whatever the price model. Amounts
are exact until the end; the lines of the price are rounded half-up once each and add up to the
total, with a line `rounding` where their roundings do not. Where the shop's amounts hold the tax,
the lines are shown without it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pricing_fdm.model import QuoteWarning
from pricing_fdm.pricing.bill import Bill, Line, customer_lines, line_of, merged, shown_lines
from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.pricing.job import Job, Plate, WholeOrder
from pricing_fdm.pricing.lead_time import lead_time_days, local_time
from pricing_fdm.pricing.money import smallest_unit, to_step
from pricing_fdm.pricing.part_bills import PartBill, part_bills, share_of, shares_of
from pricing_fdm.pricing.price_ending import PriceEnding, with_ending
from pricing_fdm.pricing.review import Reason, review_reasons
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.tariff import Speed


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
        shares: What each part has of the total, by what it costs without set-up.
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
    shares: tuple[Decimal, ...]
    plates: tuple[Plate, ...]
    lead_time_days: int
    valid_until: dt.date
    review: tuple[Reason, ...]
    warnings: tuple[QuoteWarning, ...]

    def amount(self, code: str) -> Decimal:
        """The amount of a line; it is there."""
        return next(line.amount for line in self.lines if line.code == code)


def price(job: Job) -> Price:
    """Prices an order of one part; see `price_order`."""
    return price_order(WholeOrder.of_one(job))


def price_order(order: WholeOrder) -> Price:
    """Prices an order.

    Raises:
        ValueError: A part is ordered less than once.
        ResultIncomplete: The price depends on a figure that the slicer did not give.
    """
    if fewest := [job.order.quantity for job in order.jobs if job.order.quantity < 1]:
        raise ValueError(f"quantity must be at least 1, not {fewest[0]}")
    shop, smallest = order.shop, smallest_unit(order.shop.minor_digits)
    usual_days = lead_time_days(order, None)
    fast_days = usual_days if order.speed is None else lead_time_days(order, order.speed)
    speed = order.speed if fast_days < usual_days else None
    parts = part_bills(order, speed)
    bill = _bill(order, parts)
    found = _totals(shop, bill)
    total = EXACT.add(found.net, found.tax)
    is_sum = shop.tariff.tax is None and shop.tariff.rounding_step is None
    today = local_time(order.now, shop.lead_time).date()
    return Price(
        shop_version=shop.version,
        currency=shop.currency,
        total=total,
        # Rounded once where it can be: the total is rounded already.
        unit=to_step((bill.sum if is_sum else Fraction(total)) / order.copies, smallest),
        net=found.net,
        tax=found.tax,
        lines=found.lines,
        customer_lines=customer_lines(found.lines, shop.customer.lines),
        shares=shares_of(total, [part.own for part in parts], smallest),
        plates=order.plates,
        lead_time_days=fast_days if speed else usual_days,
        valid_until=today + dt.timedelta(days=shop.quote.valid_days),
        review=tuple(review_reasons(order, total)),
        warnings=_not_earlier(order.speed, usual_days) if order.speed and not speed else (),
    )


def _bill(order: WholeOrder, parts: Sequence[PartBill]) -> Bill:
    """Steps 1 to 5 but for the rounding."""
    tariff = order.shop.tariff
    bill = merged([part.bill for part in parts])
    discount = -bill.sum * share_of(tariff.discount_percent(order.copies))
    bill.add_some("quantity_discount", "Quantity discount", discount)
    per_part = Fraction(tariff.minimum_per_part) * order.copies
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


def _totals(shop: Shop, bill: Bill) -> _Totals:
    """The rounding of step 5, and step 6."""
    tax, seen = shop.tariff.tax, shop.customer.lines
    unit = smallest_unit(shop.minor_digits)
    rounded = to_step(Fraction(to_step(bill.sum, shop.tariff.rounding_step or unit)), unit)
    if tax is None:
        return _Totals(rounded, to_step(Fraction(0), unit), shown_lines(bill, rounded, seen))
    rate = share_of(tax.percent)
    net_share = 1 / (1 + rate) if tax.included else Fraction(1)
    tax_amount = to_step(Fraction(rounded) * net_share * rate, unit)
    net = EXACT.subtract(rounded, tax_amount) if tax.included else rounded
    label = f"{tax.label} {tax.percent:f} %"
    lines = shown_lines(bill, net, seen, net_share)
    return _Totals(net, tax_amount, (*lines, line_of("tax", label, tax_amount, seen)))


def _not_earlier(speed: Speed, usual_days: int) -> tuple[QuoteWarning, ...]:
    message = (
        f"{speed.name} would not be ready before the usual {usual_days} days, so it costs nothing "
        "more."
    )
    return (QuoteWarning("speed_not_earlier", message, {"lead_time_days": usual_days}),)

"""What each part of an order costs: steps 1 to 4 of the price, part by part.

What is printed together is shared out by what each part takes by itself: filament and support by
weight, machine time and plates by time. What is charged once per order (the base fee, a finish's
`per_order`) stands with the part whose factors of material and complexity are greatest, so that no
added part makes it cheaper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pricing_fdm.model import Order
from pricing_fdm.pricing.bill import Bill, finish_code
from pricing_fdm.pricing.job import Batch, Job, WholeOrder
from pricing_fdm.pricing.money import to_step
from pricing_fdm.shop.catalogue import Colour, Finish
from pricing_fdm.shop.tariff import Speed

_BASE_FEE = "base_fee"
_PERCENT = 100
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class PartBill:
    """The lines of one part; they are the same in all parts, also where they come to nothing.

    Attributes:
        own: What the part costs without what is charged once per order, margin and speed.
    """

    bill: Bill
    own: Fraction


@dataclass(frozen=True, slots=True)
class _Printed:
    """A part's share of its batch."""

    filament_g: Fraction
    support_g: Fraction
    hours: Fraction
    plates: Fraction


def part_bills(order: WholeOrder, speed: Speed | None) -> tuple[PartBill, ...]:
    """The bills of all parts, in the order of `order.jobs`.

    Raises:
        ResultIncomplete: The price depends on a figure that the slicer did not give.
    """
    printed = [each for batch in order.batches for each in _printed(batch)]
    once = _charged_once(order)
    return tuple(
        _part_bill(job, printed[number], once[number], order, speed)
        for number, job in enumerate(order.jobs)
    )


def shares_of(total: Decimal, owns: Sequence[Fraction], unit: Decimal) -> tuple[Decimal, ...]:
    """Shares out a total by what each part costs by itself; the shares add up to it.

    What is left of the smallest unit goes to those that lost most by being rounded down.
    """
    weights = _portions(owns, [Fraction(1)] * len(owns))
    exact = [Fraction(total) / Fraction(unit) * weight for weight in weights]
    units = [int(each) for each in exact]
    missing = int(Fraction(total) / Fraction(unit)) - sum(units)
    by_loss = sorted(range(len(units)), key=lambda each: units[each] - exact[each])
    for number in by_loss[:missing]:
        units[number] += 1
    return tuple(to_step(Fraction(each) * Fraction(unit), unit) for each in units)


def share_of(percent: Decimal) -> Fraction:
    """A percentage as a share of one."""
    return Fraction(percent) / _PERCENT


def _printed(batch: Batch) -> Iterator[_Printed]:
    """Shares out filament, support, hours and plates."""
    copies = [Fraction(job.order.quantity) for job in batch.jobs]

    def portions(figure: Callable[[Job], Decimal]) -> list[Fraction]:
        each = zip(batch.jobs, copies, strict=True)
        return _portions([Fraction(figure(job)) * count for job, count in each], copies)

    # The weight of support may be unknown, which matters only where it is charged.
    is_charged = bool(batch.jobs[0].shop.tariff.support_removal_per_g)
    support_g = batch.support_g if is_charged else Fraction(0)
    for by_weight, by_support, by_time in zip(
        portions(lambda job: job.copy.filament_g),
        portions(lambda job: job.copy.support_g or Decimal(0)),
        portions(lambda job: job.copy.print_time_s),
        strict=True,
    ):
        yield _Printed(
            filament_g=batch.filament_g * by_weight,
            support_g=support_g * by_support,
            hours=batch.hours * by_time,
            plates=batch.plate_count * by_time,
        )


def _portions(weights: Sequence[Fraction], otherwise: Sequence[Fraction]) -> list[Fraction]:
    """What share of the sum each weight is; by the other weights where these are all zero."""
    if not sum(weights):
        weights = otherwise
    total = sum(weights, Fraction(0))
    return [weight / total for weight in weights]


def _charged_once(order: WholeOrder) -> list[dict[str, Fraction]]:
    """What is charged once, with the part that it stands with."""
    jobs = order.jobs
    once: list[dict[str, Fraction]] = [{} for _ in jobs]
    greatest = max(range(len(jobs)), key=lambda each: _factor(jobs[each]))
    once[greatest][_BASE_FEE] = Fraction(order.shop.tariff.base_fee)
    for finish in order.finishes:
        having = [number for number, job in enumerate(jobs) if _has(finish, job.order)]
        greatest = max(having, key=lambda each: _factor(jobs[each]))
        once[greatest][finish_code(finish)] = Fraction(finish.per_order)
    return once


def _part_bill(
    job: Job,
    printed: _Printed,
    once: Mapping[str, Fraction],
    order: WholeOrder,
    speed: Speed | None,
) -> PartBill:
    tariff, shop = job.shop.tariff, job.shop
    with_failures = 1 + share_of(tariff.failure_percent)
    gram_cost = shop.material(job.order.print_settings.material).gram_cost
    material_cost = printed.filament_g * Fraction(gram_cost) * with_failures
    bill = Bill()

    bill.add("material", "Material", material_cost)
    rate = Fraction(shop.machine_rate(job.printer))
    bill.add("machine", "Machine time", printed.hours * rate * with_failures)

    bill.add("handling", "Handling", printed.plates * Fraction(tariff.handling_per_plate))
    removal = printed.support_g * Fraction(tariff.support_removal_per_g)
    bill.add("support_removal", "Support removal", removal)
    for finish in order.finishes:
        code = finish_code(finish)
        bill.add(code, finish.name, _finish_cost(finish, job) + once.get(code, 0))
    colour = _colour(job)
    surcharge = share_of(colour.surcharge_percent) if colour else Fraction(0)
    bill.add("colour", colour.name if colour else "", material_cost * surcharge)

    bill.add(_BASE_FEE, "Base fee", once.get(_BASE_FEE, Fraction(0)))
    own = bill.sum - sum(once.values())

    bill.add("margin", "Margin", bill.sum * (Fraction(tariff.margin_of(order.copies)) - 1))
    for code, label, factor in _factors(job):
        bill.multiply(code, label, factor)
    if speed is not None:
        bill.multiply("speed", speed.name, speed.factor)
    return PartBill(bill, own * _factor(job))


def _factors(job: Job) -> Iterator[tuple[str, str, Decimal]]:
    tariff, material = job.shop.tariff, job.order.print_settings.material
    yield "material_factor", "Material factor", tariff.material_factors.get(material, _ONE)
    yield "complexity", "Complexity", tariff.complexity_factors.get(job.complexity, _ONE)


def _factor(job: Job) -> Fraction:
    """Those of material and complexity together."""
    together = Fraction(1)
    for _, _, factor in _factors(job):
        together *= Fraction(factor)
    return together


def _colour(job: Job) -> Colour | None:
    colours = job.shop.material(job.order.print_settings.material).colours
    return next((each for each in colours if each.id == job.order.colour), None)


def _has(finish: Finish, order: Order) -> bool:
    return finish.id in order.finishes


def _finish_cost(finish: Finish, job: Job) -> Fraction:
    """Of all copies of a part; nothing where it is not ordered."""
    if not _has(finish, job.order):
        return Fraction(0)
    per_part = Fraction(finish.per_part) + Fraction(finish.per_cm2) * Fraction(job.surface_cm2)
    return per_part * job.order.quantity

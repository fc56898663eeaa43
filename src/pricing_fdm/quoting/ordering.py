"""Prices an order of several parts: one place, one set-up, and plates that parts share.

The models are fetched one after the other. Each part is sliced by itself, side by side within the
slots, as a quote of it would be; then those that are printed alike are packed and sliced together
(`shared_plates`). What fails one part fails no other, but an order has a price only if all its
parts have one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing_fdm.errors import CapacityError, PricingError
from pricing_fdm.model import Order, QuoteWarning
from pricing_fdm.pricing.job import WholeOrder
from pricing_fdm.pricing.quote import Price, price_order
from pricing_fdm.quoting.order_models import OrderModels
from pricing_fdm.quoting.pipeline import Pipeline, Source
from pricing_fdm.quoting.quote import Quote, quoted
from pricing_fdm.quoting.shared_plates import OrderedPlate, PrintedPart, in_batches
from pricing_fdm.quoting.slicing import FetchedModel
from pricing_fdm.quoting.timing import Stage, StageTimer
from pricing_fdm.shop.tariff import Speed


@dataclass(frozen=True, slots=True)
class OrderQuote:
    """What an order comes to, or why it has no price.

    Attributes:
        parts: In the order in which they were asked for: as a quote of its own, but that the price
            is that of the order; why it has none; or None where it is only the others that fail.
        timers: Where the time of each part went.
        price: None where a part has none.
        shares: Of the price, part by part.
        warnings: Of the order as a whole.
    """

    parts: tuple[Quote | PricingError | None, ...]
    timers: tuple[StageTimer, ...]
    price: Price | None = None
    shares: tuple[Decimal, ...] = ()
    plates: tuple[OrderedPlate, ...] = ()
    warnings: tuple[QuoteWarning, ...] = ()


@dataclass(slots=True)
class _Wanted:
    """A part at work."""

    order: Order
    timer: StageTimer
    model: FetchedModel | None = None
    printed: PrintedPart | None = None
    error: PricingError | None = None

    @contextlib.contextmanager
    def failing(self) -> Iterator[None]:
        """Keeps what is wrong with the part."""
        try:
            yield
        except PricingError as error:
            self.error = error


async def quote_order(
    pipeline: Pipeline,
    parts: Sequence[tuple[Order, Source]],
    speed: Speed | None,
    timer: StageTimer,
    *,
    max_bytes: int,
) -> OrderQuote:
    """Prices an order.

    Nothing stays behind, also when the caller leaves: no process, no folder, no place and no slot.

    Args:
        pipeline: Of the shop.
        parts: How each is printed, and what brings its model.
        speed: Of the whole order.
        timer: Of the request; each part gets a fork of it.
        max_bytes: Of all models together.

    Raises:
        PricingError: There is no place, or no slot for any part.
    """
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(timer.measuring())
        stack.enter_context(pipeline.admission.place())
        models = OrderModels(pipeline, stack, timer, max_bytes)
        wanted = [_Wanted(order, timer) for order, _ in parts]
        for part, (_, source) in zip(wanted, parts, strict=True):
            with part.failing():
                part.model = await models.fetched(source)
        timer.enter(Stage.INSPECT)
        for part in wanted:
            part.timer = timer.fork()
        turns = asyncio.Semaphore(pipeline.admission.slots)
        async with asyncio.TaskGroup() as group:
            for part in wanted:
                group.create_task(_slice_alone(pipeline, part, turns))
        if not any(part.error for part in wanted):
            return await _priced(pipeline, wanted, speed, timer)
    return _failed(wanted)


async def _slice_alone(pipeline: Pipeline, part: _Wanted, turns: asyncio.Semaphore) -> None:
    """The figures of one copy by itself."""
    if part.model is not None:
        part.timer.enter(Stage.QUEUE)
        async with turns:
            part.timer.enter(Stage.INSPECT)
            with part.failing():
                answer = await pipeline.alone(part.order, part.model, part.timer)
                job = await pipeline.job(part.order, answer)
                part.printed = PrintedPart(part.model, answer, job)
    part.timer.stop(failed=part.error is not None)


async def _priced(
    pipeline: Pipeline, wanted: Sequence[_Wanted], speed: Speed | None, timer: StageTimer
) -> OrderQuote:
    printed = [part.printed for part in wanted if part.printed is not None]
    batches = await in_batches(pipeline, printed, timer)
    for number, error in batches.errors.items():
        wanted[number].error = error
    if batches.errors:
        return _failed(wanted)
    found = price_order(WholeOrder(batches.batches, speed))
    shares = dict(zip(batches.numbers, found.shares, strict=True))
    return OrderQuote(
        parts=tuple(
            quoted(part.job, part.model.download, part.answer, found, part.job.warnings)
            for part in batches.parts
        ),
        timers=tuple(part.timer for part in wanted),
        price=found,
        shares=tuple(shares[number] for number in range(len(wanted))),
        plates=batches.plates,
        warnings=tuple(dict.fromkeys((*batches.warnings, *found.warnings))),
    )


def _failed(wanted: Sequence[_Wanted]) -> OrderQuote:
    """An order without a price.

    Raises:
        CapacityError: There was no room for any part.
    """
    errors = tuple(part.error for part in wanted)
    require_room(errors)
    return OrderQuote(errors, tuple(part.timer for part in wanted))


def require_room(outcomes: Sequence[object]) -> None:
    """Lets an order pass in which a part had its turn.

    Raises:
        CapacityError: There was no room for any part.
    """
    refusals = [each for each in outcomes if isinstance(each, CapacityError)]
    if len(refusals) == len(outcomes):
        raise refusals[0]

"""Several prices of one part: `Pipeline`'s steps, side by side over one fetched model.

As many slices run at once as there are slots. An order that fails does not affect the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from pricing_fdm.errors import PricingError, QueueTimeout
from pricing_fdm.model import Order
from pricing_fdm.quoting.pipeline import Pipeline, Source
from pricing_fdm.quoting.quote import Answer, Quote
from pricing_fdm.quoting.slicing import FetchedModel
from pricing_fdm.quoting.timing import Stage, StageTimer


@dataclass(frozen=True, slots=True)
class Option:
    """The quote of one of several orders, or why it has none, and where its time went."""

    outcome: Quote | PricingError
    timer: StageTimer


async def quote_options(
    pipeline: Pipeline, orders: Sequence[Order], source: Source, timer: StageTimer
) -> list[Option]:
    """Prices one model in several ways: fetched and judged once, each distinct slice made once.

    The first slot is waited for as for a single quote. A request that has had one is served to its
    end.

    Returns:
        One option for each order, in their order.

    Raises:
        PricingError: Nothing can be priced: there is no place, no model, or no slot for any order.
    """
    turns = asyncio.Semaphore(pipeline.admission.slots)
    async with pipeline.fetched(source, timer) as model:
        keys = [pipeline.question(order, model.download.sha256) for order in orders]
        distinct = dict(zip(keys, orders, strict=True))
        async with asyncio.TaskGroup() as group:
            tasks = {
                key: group.create_task(_answer(pipeline, order, model, timer.fork(), turns))
                for key, order in distinct.items()
            }
        options = [
            await _option(pipeline, order, model, *tasks[key].result())
            for key, order in zip(keys, orders, strict=True)
        ]
    _raise_if_nobody_was_served(options)
    return options


async def _answer(
    pipeline: Pipeline,
    order: Order,
    model: FetchedModel,
    timer: StageTimer,
    turns: asyncio.Semaphore,
) -> tuple[Answer | PricingError, StageTimer]:
    timer.enter(Stage.QUEUE)
    async with turns:
        timer.enter(Stage.INSPECT)
        try:
            answer = await pipeline.answer(order, model, timer)
        except PricingError as error:
            timer.stop(failed=True)
            return error, timer
        timer.stop()
        return answer, timer


async def _option(
    pipeline: Pipeline,
    order: Order,
    model: FetchedModel,
    answer: Answer | PricingError,
    timer: StageTimer,
) -> Option:
    if isinstance(answer, PricingError):
        return Option(answer, timer)
    return Option(await pipeline.priced(order, model, answer), timer)


def _raise_if_nobody_was_served(options: Sequence[Option]) -> None:
    refusals = [option.outcome for option in options if isinstance(option.outcome, QueueTimeout)]
    if len(refusals) == len(options):
        raise refusals[0]

"""Estimates an order of several parts: fetched, packed and priced as a real one, never sliced.

What fails one part fails no other. An order has a price only if all its parts have figures.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pricing_fdm.errors import PricingError
from pricing_fdm.model import Order
from pricing_fdm.quoting.estimate_prices import OrderFigures
from pricing_fdm.quoting.estimating import Estimate, Estimator
from pricing_fdm.quoting.order_models import OrderModels
from pricing_fdm.quoting.ordering import require_room
from pricing_fdm.quoting.pipeline import Pipeline, Source
from pricing_fdm.quoting.slicing import FetchedModel
from pricing_fdm.quoting.timing import Stage, StageTimer
from pricing_fdm.shop.tariff import Speed


@dataclass(frozen=True, slots=True)
class OrderEstimate:
    """What an order would come to, as far as it can be told.

    Attributes:
        parts: In the order in which they were asked for, each with its share; or what is wrong.
        figures: None where a part has none.
    """

    parts: tuple[Estimate | PricingError, ...]
    figures: OrderFigures | None


async def estimate_order(
    estimator: Estimator,
    pipeline: Pipeline,
    parts: Sequence[tuple[Order, Source]],
    speed: Speed | None,
    timer: StageTimer,
    *,
    max_bytes: int,
) -> OrderEstimate:
    """Estimates an order; see `ordering.quote_order`.

    Raises:
        PricingError: There is no place, or no room for any part.
    """
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(timer.measuring())
        stack.enter_context(pipeline.admission.place())
        models = OrderModels(pipeline, stack, timer, max_bytes)
        fetched = [await _fetched(models, source) for _, source in parts]
        timer.enter(Stage.INSPECT)
        found = [
            await _estimated(estimator, pipeline, order, model)
            for (order, _), model in zip(parts, fetched, strict=True)
        ]
        require_room(found)
        estimates = [each for each in found if isinstance(each, Estimate)]
        predicted = [each.predicted for each in estimates if each.predicted is not None]
        if len(predicted) < len(found):
            return OrderEstimate(tuple(found), None)
        figures = await estimator.priced(pipeline, predicted, speed)
        shared = zip(estimates, figures.shares, strict=True)
        return OrderEstimate(tuple(replace(each, price=share) for each, share in shared), figures)


async def _fetched(models: OrderModels, source: Source) -> FetchedModel | PricingError:
    try:
        return await models.fetched(source)
    except PricingError as error:
        return error


async def _estimated(
    estimator: Estimator, pipeline: Pipeline, order: Order, model: FetchedModel | PricingError
) -> Estimate | PricingError:
    if isinstance(model, PricingError):
        return model
    try:
        return await estimator.part(pipeline, order, model)
    except PricingError as error:
        return error

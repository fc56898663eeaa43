"""Reads an order: how each part is printed, what brings its model, and how soon all is wanted."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from pricing_fdm.model import Order
from pricing_fdm.quoting.pipeline import Source
from pricing_fdm.shop.tariff import Speed
from pricing_fdm.telemetry.quote_fields import order_fields
from pricing_fdm.web.body import LONGEST_BODY_BYTES, read_json
from pricing_fdm.web.idempotency import KeptAnswer, fingerprint, idempotency_key
from pricing_fdm.web.order_schemas import MOST_PARTS, OrderedPart, PartsRequest
from pricing_fdm.web.pricing_call import OrderFields, PricingCall

_LONGEST_PART_BYTES = 8 * 1024  # a URL has up to 4 KiB
LONGEST_ORDER_BYTES = LONGEST_BODY_BYTES + MOST_PARTS * _LONGEST_PART_BYTES


@dataclass(frozen=True, slots=True)
class Ordered:
    """What is ordered in a request.

    Attributes:
        kept: The answer to this request, if it was answered before.
    """

    kept: KeptAnswer
    parts: list[tuple[Order, Source]]
    speed: Speed | None

    @property
    def fields(self) -> list[OrderFields]:
        """Of each part, for metrics, log and trace."""
        return [order_fields(order) for order, _ in self.parts]


async def read_order(call: PricingCall) -> Ordered:
    """Reads the body; errors as of `read_json`."""
    request = await read_json(call.request, PartsRequest, call.shop, most_bytes=LONGEST_ORDER_BYTES)
    parts = [(part.order(call.shop), _source(call, part)) for part in request.parts]
    speed = call.shop.tariff.speed(request.chosen_speed(call.shop))
    whole = fingerprint(call.asks_for, request.model_dump(mode="json"))
    kept = KeptAnswer(call.state.answers, idempotency_key(call.request), whole)
    return Ordered(kept, parts, speed)


def _source(call: PricingCall, part: OrderedPart) -> Source:
    if part.file_url is not None:
        return call.source(part.file_url)
    return call.counted(functools.partial(call.state.queue.uploads.fetch, str(part.upload_id)))

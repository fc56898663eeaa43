"""One schema for both modes: what a worker reads and writes is the JSON of the HTTP edge."""

from __future__ import annotations

import json
import uuid
from typing import Any

from pricing_fdm.errors import PricingError
from pricing_fdm.jobs.record import Json
from pricing_fdm.model import Order
from pricing_fdm.order_request import OrderRequest
from pricing_fdm.quoting.pipeline import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.web.answers import quote_response
from pricing_fdm.web.problems import problem_body


class HttpCodec:
    """The `Codec` of the workers."""

    def order(self, order: Json) -> Order:
        """The order behind `OrderRequest.record`."""
        return OrderRequest.model_validate_json(json.dumps(order)).order()

    def result(self, quote: Quote, clock: StageTimer) -> dict[str, Any]:
        """The body of the synchronous answer."""
        body = quote_response(quote, uuid.uuid4(), clock.timing_ms())
        return body.model_dump(mode="json", exclude_none=True)

    def problem(self, error: PricingError, request_id: str) -> dict[str, Any]:
        """The problem document of the synchronous answer."""
        return problem_body(error, request_id)

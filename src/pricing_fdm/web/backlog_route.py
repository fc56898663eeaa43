"""`PUT /v1/backlog`: how many machine hours wait at a printer already."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.quoting.cache.result_cache import Unreachable
from pricing_fdm.shop.offer import one_of
from pricing_fdm.shop.values import Measure
from pricing_fdm.web.app_state import state_of
from pricing_fdm.web.body import read_json, wrong_field
from pricing_fdm.web.fields import Figure

_RETRY_AFTER_S = 5


class BacklogRequest(BaseModel):
    """What waits at a printer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    printer: str = Field(strict=True, max_length=64, description="Its id in the shop file.")
    hours: Measure = Field(description="Of all its machines together.")


class BacklogResponse(BaseModel):
    """What waits at a printer, as it counts from now on."""

    printer: str = Field(description="Its id.")
    hours: Figure = Field(description="Of all its machines together.")


async def put_backlog(request: Request) -> Response:
    """Takes over what the shop's planning says; lead times count it from the next quote on."""
    state = state_of(request)
    wanted = await read_json(request, BacklogRequest, state.shop)
    printers = [each.id for each in state.shop.printers]
    if wanted.printer not in printers:
        raise wrong_field("printer", one_of(printers).replace("Input should", "Must"))
    try:
        await state.backlog.put(wanted.printer, wanted.hours)
    except Unreachable as error:
        raise QueueUnavailable(
            "The store of the backlog does not answer. Try again later.",
            retry_after_s=_RETRY_AFTER_S,
        ) from error
    body = BacklogResponse(printer=wanted.printer, hours=wanted.hours)
    return JSONResponse(body.model_dump(mode="json"))

"""What a route answers that lets an error of ours pass: told, counted by the canonical line."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from pricing_fdm.errors import PricingError
from pricing_fdm.web.access_log import CALLER_LEFT_STATUS, note_error
from pricing_fdm.web.problems import problem_response
from pricing_fdm.web.request_id import request_id_of


def refused(request: Request, error: Exception) -> Response:
    """The answer to a `PricingError`."""
    assert isinstance(error, PricingError)  # noqa: S101 - registered for this class only
    note_error(request.scope, error)
    return problem_response(error, request_id_of(request.scope))


def left(_request: Request, _error: Exception) -> Response:
    """What nobody reads: the caller has hung up."""
    return Response(status_code=CALLER_LEFT_STATUS)

"""Every failure as RFC 9457 `application/problem+json`: the one place that knows status codes.

404 and 405, which Starlette itself answers, and the unexpected 500 have this shape too. The detail
of an unexpected error is never shown; the log has it under the same request id.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from pricing_fdm import errors
from pricing_fdm.web.access_log import CALLER_LEFT_STATUS, note_error
from pricing_fdm.web.request_id import request_id_of

_MEDIA_TYPE = "application/problem+json"
_DOCUMENTATION = "/docs#"

STATUS: dict[type[errors.PricingError], HTTPStatus] = {
    errors.InvalidRequest: HTTPStatus.BAD_REQUEST,
    errors.SourceRefused: HTTPStatus.BAD_REQUEST,
    errors.DownloadFailed: HTTPStatus.BAD_REQUEST,
    errors.Unauthorized: HTTPStatus.UNAUTHORIZED,
    errors.JobNotFound: HTTPStatus.NOT_FOUND,
    errors.JobCancelled: HTTPStatus.CONFLICT,
    errors.BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.ModelTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.IdempotencyConflict: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ShopFaulty: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ShopVersionNotFound: HTTPStatus.NOT_FOUND,
    errors.ProfileNotFound: HTTPStatus.NOT_FOUND,
    errors.ShopStoreMissing: HTTPStatus.CONFLICT,
    errors.ModelFormat: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ModelInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ModelExceedsBuildVolume: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ModelUnsliceable: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    errors.SlicerCrashed: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.ResultIncomplete: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.SourceFailed: HTTPStatus.BAD_GATEWAY,
    errors.ConnectionsFull: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.QueueFull: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.QueueTimeout: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.Draining: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.WorkspaceFull: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UploadsFull: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StoreFull: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StreamsFull: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.QueueUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.SourceTimeout: HTTPStatus.GATEWAY_TIMEOUT,
    errors.SlicingTimeout: HTTPStatus.GATEWAY_TIMEOUT,
}

ROUTING_CODES = {404: "not_found", 405: "method_not_allowed"}


def problem_body(error: errors.PricingError, request_id: str) -> dict[str, Any]:
    """The problem document of a failure."""
    body = _body(STATUS[type(error)], error.code, error.title, error.detail, request_id)
    if isinstance(error, errors.InvalidRequest) and error.faults:
        body["errors"] = [
            {"field": fault.field, "message": fault.message} for fault in error.faults
        ]
    if isinstance(error, errors.ModelInvalid) and error.places:
        body["places"] = [list(place) for place in error.places]
    return body


def problem_response(error: errors.PricingError, request_id: str) -> JSONResponse:
    """The problem document with its status and headers."""
    headers: dict[str, str] = {}
    if isinstance(error, errors.CapacityError):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, errors.Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.Draining):
        headers["Connection"] = "close"
    body = problem_body(error, request_id)
    return JSONResponse(body, body["status"], headers, _MEDIA_TYPE)


def refusal(scope: Scope, error: errors.PricingError) -> JSONResponse:
    """The answer to a failed request; notes the error in the canonical line, which counts it."""
    note_error(scope, error)
    return problem_response(error, request_id_of(scope))


def on_pricing_error(request: Request, error: Exception) -> Response:
    """Exception handler for a `PricingError` that a route raised."""
    assert isinstance(error, errors.PricingError)  # noqa: S101 - registered for this class only
    return refusal(request.scope, error)


def on_caller_left(_request: Request, _error: Exception) -> Response:
    """Exception handler for `CallerLeft`; nobody reads this answer."""
    return Response(status_code=CALLER_LEFT_STATUS)


def on_routing_error(request: Request, error: Exception) -> Response:
    """Exception handler for a request that no route or method fits."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    status = HTTPStatus(error.status_code)
    code = ROUTING_CODES.get(status, "invalid_request")
    body = _body(status, code, status.phrase, status.description, request_id_of(request.scope))
    return JSONResponse(body, status, error.headers, _MEDIA_TYPE)


def _body(
    status: HTTPStatus, code: str, title: str, detail: str, request_id: str
) -> dict[str, Any]:
    return {
        "type": f"{_DOCUMENTATION}{code}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }

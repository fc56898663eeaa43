"""The routes of the queue mode, described from the models that validate them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from pricing_fdm import errors
from pricing_fdm.web import paths
from pricing_fdm.web.jobs.schemas import (
    JobAccepted,
    JobStatus,
    QuoteJobRequest,
    UploadForm,
)
from pricing_fdm.web.openapi_parts import (
    FRONT_DOOR,
    as_json,
    as_text,
    body_ref,
    problem_responses,
)

REQUESTS: tuple[type[BaseModel], ...] = (QuoteJobRequest, UploadForm)
ANSWERS: tuple[type[BaseModel], ...] = (JobAccepted, JobStatus)

_HANDED_IN = (
    *FRONT_DOOR,
    errors.BodyTooLarge,
    errors.UnsupportedMediaType,
    errors.IdempotencyConflict,
    errors.QueueFull,
    errors.QueueUnavailable,
    errors.StoreUnavailable,
    errors.Draining,
    errors.InternalError,
)
_ASKED = (
    *FRONT_DOOR,
    errors.JobNotFound,
    errors.QueueUnavailable,
    errors.Draining,
    errors.InternalError,
)
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A repeated request with the same key is the same job.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_JOB_ID = {
    "name": "job_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}


def job_paths() -> dict[str, Any]:
    """The paths that a service with a queue has besides."""
    return {
        paths.PAGE_PATH: {
            "get": {
                "operationId": "getPage",
                "summary": "The quote page",
                "security": [],
                "responses": {"200": as_text("HTML.", "text/html")},
            }
        },
        paths.JOB_QUOTE_PATH: {
            "post": {
                "operationId": "postQuoteJob",
                "summary": "Hand in a job for a model at a URL, or in an earlier upload",
                "parameters": [_KEY],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": body_ref(QuoteJobRequest)}},
                },
                "responses": {
                    "202": as_json("Taken on.", JobAccepted),
                    **problem_responses((*_HANDED_IN, errors.SourceRefused)),
                },
            }
        },
        paths.UPLOAD_PATH: {
            "post": {
                "operationId": "postUpload",
                "summary": "Hand in a job and its model",
                "parameters": [_KEY],
                "requestBody": {
                    "required": True,
                    "content": {"multipart/form-data": {"schema": body_ref(UploadForm)}},
                },
                "responses": {
                    "202": as_json("Taken on.", JobAccepted),
                    **problem_responses(
                        (*_HANDED_IN, errors.ModelTooLarge, errors.UploadsFull, errors.StoreFull)
                    ),
                },
            }
        },
        paths.STATUS_PATH: {
            "get": {
                "operationId": "getStatus",
                "summary": "How a job stands",
                "parameters": [_JOB_ID],
                "responses": {
                    "200": as_json("As of now.", JobStatus),
                    **problem_responses(_ASKED),
                },
            }
        },
        paths.EVENTS_PATH: {
            "get": {
                "operationId": "getEvents",
                "summary": "How a job stands, at each change, until it has ended",
                "parameters": [_JOB_ID],
                "responses": {
                    "200": as_text(
                        "Events `status`, whose data is what `/status/{job_id}` answers. While "
                        "the queue does not answer, one event `unavailable`, whose data is the "
                        "problem; events go on when the queue is back.",
                        "text/event-stream",
                    ),
                    **problem_responses((*_ASKED, errors.StreamsFull)),
                },
            }
        },
    }

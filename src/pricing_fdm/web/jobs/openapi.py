"""The routes of jobs, described from the models that validate them."""

from __future__ import annotations

from pricing_fdm import errors
from pricing_fdm.web import paths
from pricing_fdm.web.jobs.schemas import JobAccepted, JobStatus, QuoteJobRequest, UploadForm
from pricing_fdm.web.openapi_operation import FRONT_DOOR, IDEMPOTENCY_KEY, Operation
from pricing_fdm.web.uploads_route import ModelForm, ModelKept

_SUBMIT = (
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
_ASK = (
    *FRONT_DOOR,
    errors.JobNotFound,
    errors.QueueUnavailable,
    errors.Draining,
    errors.InternalError,
)
_STREAM = (
    "Events `status`, whose data is what `/v1/status/{job_id}` answers. While the queue does not "
    "answer, one event `unavailable`, whose data is the problem; events go on when the queue is "
    "back."
)
_JOB_ID = {
    "name": "job_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}

ROUTES = {
    paths.PAGE_PATH: Operation(
        "getPage",
        "The quote page",
        answers={200: ("HTML.", "text/html")},
        needs_token=False,
    ),
    paths.JOB_QUOTE_PATH: Operation(
        "postQuoteJob",
        "Submit a job for a model at a URL, or in an earlier upload",
        parameters=(IDEMPOTENCY_KEY,),
        takes=QuoteJobRequest,
        answers={202: ("Taken on.", JobAccepted)},
        problems=(*_SUBMIT, errors.SourceRefused),
        tag="jobs",
    ),
    paths.UPLOAD_PATH: Operation(
        "postUpload",
        "Submit a job and its model",
        parameters=(IDEMPOTENCY_KEY,),
        takes_form=UploadForm,
        answers={202: ("Taken on.", JobAccepted)},
        problems=(*_SUBMIT, errors.ModelTooLarge, errors.UploadsFull, errors.StoreFull),
        tag="jobs",
    ),
    paths.UPLOADS_PATH: Operation(
        "postModel",
        "Keep a model, for estimates and jobs to come",
        description="So that a file is sent once, however often the options change. It is kept "
        "for a while after it was needed last.",
        takes_form=ModelForm,
        answers={201: ("Kept.", ModelKept)},
        problems=(
            *FRONT_DOOR,
            errors.UnsupportedMediaType,
            errors.ModelTooLarge,
            errors.UploadsFull,
            errors.StoreFull,
            errors.StoreUnavailable,
            errors.InternalError,
        ),
        tag="jobs",
    ),
    paths.STATUS_PATH: Operation(
        "getStatus",
        "How a job stands",
        parameters=(_JOB_ID,),
        answers={200: ("As of now.", JobStatus)},
        problems=_ASK,
        tag="jobs",
        also=(
            Operation(
                "deleteStatus",
                "Cancel a job that has not ended",
                description="A job that waits is not begun, one that is being done is stopped. It "
                "is `failed` from then on, with the problem `job_cancelled`. One that has ended "
                "stays as it is.",
                method="delete",
                parameters=(_JOB_ID,),
                answers={200: ("How it ended.", JobStatus)},
                problems=_ASK,
                tag="jobs",
            ),
        ),
    ),
    paths.EVENTS_PATH: Operation(
        "getEvents",
        "How a job stands, at each change, until it has ended",
        parameters=(_JOB_ID,),
        answers={200: (_STREAM, "text/event-stream")},
        problems=(*_ASK, errors.StreamsFull),
        tag="jobs",
    ),
}

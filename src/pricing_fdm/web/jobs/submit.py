"""`POST /quote` and `POST /upload`: submit a job and get its id back at once.

Only what costs nothing is checked here: the fields, the text of the URLs, the room in the queue.
With an `Idempotency-Key` a repeated request is the same job, also while the first one still runs.
"""

from __future__ import annotations

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.errors import IdempotencyConflict, InvalidRequest, QueueFull, SourceRefused
from pricing_fdm.fetch.source_url import admit
from pricing_fdm.jobs.record import Idempotency, JobRequest, JobSource, SourceKind
from pricing_fdm.jobs.store import missing_upload
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.quote_fields import order_fields
from pricing_fdm.web.access_log import note
from pricing_fdm.web.app_state import QueueState, queue_of, state_of
from pricing_fdm.web.body import read_json, wrong_field
from pricing_fdm.web.form import order_of_texts
from pricing_fdm.web.idempotency import fingerprint, idempotency_key
from pricing_fdm.web.jobs.schemas import JobAccepted, JobOptions, QuoteJobRequest
from pricing_fdm.web.paths import STATUS_PATH, UPLOAD_PATH, beside, route_of
from pricing_fdm.web.request_id import request_id_of
from pricing_fdm.web.upload import receive_upload

_ACCEPTED = 202

_log = structlog.get_logger()


async def post_quote(request: Request) -> Response:
    """Submits a job whose model is at a URL, or in an earlier upload."""
    queue, key = queue_of(request), idempotency_key(request)
    wanted = await read_json(request, QuoteJobRequest, state_of(request).shop)
    source = wanted.source()
    if source.kind is SourceKind.URL:
        admit(source.reference, queue.policy)
    elif not await queue.uploads.holds(source.reference):
        raise missing_upload()
    _require_callback_allowed(queue, wanted)
    return await _submit(request, wanted, source, key, source.reference)


async def post_upload(request: Request) -> Response:
    """Submits a job together with its model."""
    queue, key = queue_of(request), idempotency_key(request)
    await queue.store.require_room()
    upload = await receive_upload(request, state_of(request).uploads, queue.uploads)
    source = JobSource(SourceKind.UPLOAD, upload.key)
    try:
        wanted = order_of_texts(JobOptions, upload.fields, state_of(request).shop)
        _require_callback_allowed(queue, wanted)
        return await _submit(request, wanted, source, key, upload.sha256)
    except (InvalidRequest, QueueFull, IdempotencyConflict):
        # No job was made. After any other failure one may exist; then the sweep removes the file.
        await queue.uploads.delete(upload.key)
        raise


async def _submit(
    request: Request, wanted: JobOptions, source: JobSource, key: str | None, content: str
) -> Response:
    """Puts the job into the queue; `content` is what the fingerprint has in place of the model."""
    queue, record = queue_of(request), wanted.record()
    shop = state_of(request).shop
    order = wanted.order(shop)
    submitted = await queue.store.submit(
        JobRequest(
            order=record,
            source=source,
            rush=order.speed is not None,
            request_id=request_id_of(request.scope),
            callback_url=wanted.callback_url,
            shop_version=shop.files_version,
        ),
        None if key is None else Idempotency(key, fingerprint(record, content)),
    )
    fields = order_fields(order)
    note(request.scope, job_id=submitted.job_id, repeated=submitted.repeated, **fields)
    _log.info(logs.QUOTE_REQUESTED, job_id=submitted.job_id, **fields)
    upload_id = source.reference if source.kind is SourceKind.UPLOAD else None
    if submitted.repeated and route_of(request.url.path) == UPLOAD_PATH:
        # The job uses the file of the first request.
        await queue.uploads.delete(source.reference)
        upload_id = None
    status = beside(request.url.path, STATUS_PATH).format(job_id=submitted.job_id)
    accepted = JobAccepted(
        job_id=submitted.job_id,
        message=f"The job is in the queue. Ask {status} how it stands.",
        upload_id=upload_id,
    )
    return JSONResponse(accepted.model_dump(exclude_none=True), _ACCEPTED, {"Location": status})


def _require_callback_allowed(queue: QueueState, wanted: JobOptions) -> None:
    if wanted.callback_url is None:
        return
    if not queue.offers_callbacks:
        raise wrong_field("callback_url", "This server offers no callbacks. Ask /status.")
    try:
        admit(wanted.callback_url, queue.policy)
    except SourceRefused as error:
        raise wrong_field(
            "callback_url", "Must be an https URL of an allowed public host."
        ) from error

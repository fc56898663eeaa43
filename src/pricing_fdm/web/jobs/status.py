"""`GET /status/{job_id}` and its events: how a job stands, once or until it ends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from pricing_fdm.admission import Admission
from pricing_fdm.errors import JobNotFound
from pricing_fdm.jobs.record import Job
from pricing_fdm.web.access_log import note
from pricing_fdm.web.jobs.answers import status_body
from pricing_fdm.web.jobs.parts import queue_of

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_KEEP_ALIVE = b": still here\n\n"


async def get_status(request: Request) -> Response:
    """How the job stands now."""
    job = await _job(request)
    note(request.scope, job_id=job.id, job_status=job.state.value)
    return JSONResponse(status_body(job), headers={"Cache-Control": "no-store"})


async def get_events(request: Request) -> Response:
    """How the job stands, again at each change, until it has ended."""
    job = await _job(request)
    note(request.scope, job_id=job.id)
    queue = queue_of(request)
    return StreamingResponse(
        _events(queue.store.follow(job.id), queue.admission),
        media_type="text/event-stream",
        headers=_HEADERS,
    )


async def _job(request: Request) -> Job:
    job = await queue_of(request).store.read(request.path_params["job_id"])
    if job is None:
        raise JobNotFound("There is no such job, or its result has expired.")
    return job


async def _events(changes: AsyncIterator[Job | None], admission: Admission) -> AsyncIterator[bytes]:
    """Frames of the protocol; a service that is leaving ends them, and the caller reconnects."""
    async for job in changes:
        if job is None:
            yield _KEEP_ALIVE
        else:
            yield b"event: status\ndata: %b\n\n" % json.dumps(status_body(job)).encode()
        if admission.draining:
            return

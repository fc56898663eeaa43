"""`GET /status/{job_id}` and its events: how a job stands, once or until it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from pricing_fdm.errors import JobNotFound, QueueUnavailable
from pricing_fdm.jobs.record import Job
from pricing_fdm.web.access_log import note
from pricing_fdm.web.jobs.answers import status_body
from pricing_fdm.web.jobs.parts import QueueParts, queue_of
from pricing_fdm.web.problems import problem_body
from pricing_fdm.web.request_id import request_id_of

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_KEEP_ALIVE = b": still here\n\n"
_AGAIN_S = 1.0


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
        _events(queue, job.id, request_id_of(request.scope)),
        media_type="text/event-stream",
        headers=_HEADERS,
    )


async def _job(request: Request) -> Job:
    job = await queue_of(request).store.read(request.path_params["job_id"])
    if job is None:
        raise JobNotFound("There is no such job, or its result has expired.")
    return job


async def _events(queue: QueueParts, job_id: str, request_id: str) -> AsyncIterator[bytes]:
    """Frames of the protocol; a service that is leaving ends them, and the caller reconnects.

    While Redis does not answer, one frame says so, and the stream goes on when it is back: a
    browser that connected again meanwhile would get an error, and not try a second time.
    """
    away = False
    while True:
        try:
            async with contextlib.aclosing(queue.store.follow(job_id)) as changes:
                async for job in changes:
                    yield _KEEP_ALIVE if job is None else _frame("status", status_body(job))
                    away = False
                    if queue.admission.draining:
                        return
        except QueueUnavailable as error:
            yield _KEEP_ALIVE if away else _frame("unavailable", problem_body(error, request_id))
            away = True
        else:
            return
        if queue.admission.draining:
            return
        await asyncio.sleep(_AGAIN_S)


def _frame(event: str, data: dict[str, Any]) -> bytes:
    return f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()

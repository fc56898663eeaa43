"""`GET /status/{job_id}` and its events: how a job stands, once or until it ends."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncGenerator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from pricing_fdm.errors import JobCancelled, JobNotFound, QueueUnavailable, StreamsFull
from pricing_fdm.jobs.record import Job
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.web.access_log import note
from pricing_fdm.web.app_state import QueueState, queue_of, state_of
from pricing_fdm.web.jobs.answers import status_body
from pricing_fdm.web.places import Places
from pricing_fdm.web.problems import problem_body
from pricing_fdm.web.request_id import request_id_of

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_KEEP_ALIVE = b": still here\n\n"
_RETRY_AFTER_S = 10


async def on_status(request: Request) -> Response:
    """How the job stands, or its end."""
    return await (delete_status if request.method == "DELETE" else get_status)(request)


async def get_status(request: Request) -> Response:
    """How the job stands now."""
    job = await _job(request)
    note(request.scope, job_id=job.id, job_status=job.state.value)
    body = status_body(job, queue_of(request).workers())
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


async def delete_status(request: Request) -> Response:
    """Cancels the job: one that waits is not begun, and one that is being done is stopped.

    One that has ended stays as it is: it may have ended while this request was on its way.
    """
    cancelled = JobCancelled("The job was cancelled. Submit it again to have it priced.")
    problem = problem_body(cancelled, request_id_of(request.scope))
    job = await queue_of(request).store.cancel(request.path_params["job_id"], problem)
    if job is None:
        raise _unknown()
    note(request.scope, job_id=job.id, job_status=job.state.value)
    return JSONResponse(status_body(job), headers={"Cache-Control": "no-store"})


async def get_events(request: Request) -> Response:
    """How the job stands, again at each change, until it has ended."""
    job = await _job(request)
    note(request.scope, job_id=job.id)
    queue, admission = queue_of(request), state_of(request).admission
    events = _events(queue, admission, job.id, request_id_of(request.scope))
    return _EventStream(events, queue.stream_places)


def stream_places(most: int) -> Places:
    """Places for as many event streams at once."""
    return Places(
        most,
        lambda: StreamsFull(
            f"{most} event streams are open, which is as many as there are places. Ask /status "
            "instead, or try again later.",
            retry_after_s=_RETRY_AFTER_S,
        ),
    )


class _EventStream(StreamingResponse):
    """Events as they come, with a place for as long as that takes.

    Raises:
        StreamsFull: There is no place; nothing has been answered.
    """

    def __init__(self, events: AsyncGenerator[bytes, None], places: Places) -> None:
        super().__init__(events, media_type="text/event-stream", headers=_HEADERS)
        self._events = events
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._places.place():
            async with contextlib.aclosing(self._events):
                await super().__call__(scope, receive, send)


async def _job(request: Request) -> Job:
    job = await queue_of(request).store.read(request.path_params["job_id"])
    if job is None:
        raise _unknown()
    return job


def _unknown() -> JobNotFound:
    return JobNotFound("There is no such job, or its result has expired.")


async def _events(
    queue: QueueState, admission: Admission, job_id: str, request_id: str
) -> AsyncGenerator[bytes, None]:
    """Frames of the protocol. A service that is stopping ends them, and the caller reconnects.

    While Redis does not answer, one frame says so, and the stream goes on when it is back. If the
    stream ended, a browser that reconnects would get an error and not try again.
    """
    job, sent = None, None
    async with contextlib.aclosing(queue.broadcast.changes(job_id)) as changes:
        async for change in changes:
            if isinstance(change, QueueUnavailable):
                job, sent = None, None
                yield _frame("unavailable", problem_body(change, request_id))
            else:
                job = change or job
                body = None if job is None else status_body(job, queue.workers())
                yield _KEEP_ALIVE if body is None or body == sent else _frame("status", body)
                sent = body
            if admission.draining:
                return


def _frame(event: str, data: dict[str, Any]) -> bytes:
    return f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()

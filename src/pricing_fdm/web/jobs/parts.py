"""What the routes of the queue mode work with beside the parts of the service."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from pricing_fdm.fetch.post import Poster
from pricing_fdm.jobs.broadcast import JobBroadcast
from pricing_fdm.jobs.store import JobStore
from pricing_fdm.jobs.watch import QueueWatch
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.uploads.store import UploadStore
from pricing_fdm.web.jobs.places import Places


@dataclass(frozen=True, slots=True)
class QueueParts:
    """The collaborators of the queue's routes.

    Attributes:
        poster: Judges callers' URLs, and posts to them.
        offers_callbacks: Whether there is a secret to sign callbacks with.
        stream_places: One for each event stream while it is open.
        upload_places: One for each upload while it is received.
        max_upload_bytes: Largest file taken.
        upload_timeout_s: Seconds that a whole upload may take.
    """

    store: JobStore
    broadcast: JobBroadcast
    watch: QueueWatch
    admission: Admission
    uploads: UploadStore
    poster: Poster
    offers_callbacks: bool
    stream_places: Places
    upload_places: Places
    max_upload_bytes: int
    upload_timeout_s: float


QUEUE_KEY = "queue"


def queue_of(request: Request) -> QueueParts:
    """The parts of the queue that answers this request."""
    parts: QueueParts = getattr(request.state, QUEUE_KEY)
    return parts

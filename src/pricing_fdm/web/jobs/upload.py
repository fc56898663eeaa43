"""Reads an upload into the store: counted, timed, hashed, and never kept in memory.

The number of uploads at once is bounded, and so is their memory. A file that is too large, or for
which the store has no room, is refused by its declared length before a byte is read, otherwise at
the first byte too many. A caller who sends less than 8 KiB/s is refused.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

from pricing_fdm.errors import InvalidRequest, ModelTooLarge, UploadsFull
from pricing_fdm.fetch.pace import Pace
from pricing_fdm.web.app_state import QueueState
from pricing_fdm.web.disconnect import CallerLeft
from pricing_fdm.web.jobs.form import missing_file, read_form
from pricing_fdm.web.jobs.places import Places

_MIB = 1024 * 1024
_FORM_OVERHEAD_BYTES = 256 * 1024  # what may stand around the file
_MIN_BYTES_PER_S = 8 * 1024
_SPEED_WINDOW_S = 10.0
_RETRY_AFTER_S = 5
_STORE_S = 5.0  # for the store to finish after the last piece has arrived


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is in the store.

    Attributes:
        key: Its key there.
        sha256: Of its bytes, lower-case hex.
        fields: The other fields of the form.
    """

    key: str
    sha256: str
    fields: dict[str, str]


def upload_places(most: int) -> Places:
    """Places for `most` uploads at once."""
    return Places(
        most,
        lambda: UploadsFull(
            f"{most} uploads are being received, which is as many as there are places. "
            "Try again later.",
            retry_after_s=_RETRY_AFTER_S,
        ),
    )


async def receive_upload(request: Request, queue: QueueState) -> Upload:
    """Reads the form and stores its file; after a failure nothing stays in the store.

    Raises:
        UnsupportedMediaType: No multipart form.
        ModelTooLarge: The file is larger than the limit.
        InvalidRequest: There is no file, or the form does not arrive whole and in time.
        UploadsFull: As many others are being received as there are places.
        StoreFull: There is no room for it.
        StoreUnavailable: The store does not take it.
        CallerLeft: The caller hung up.
    """
    declared = request.headers.get("content-length", "")
    declared_bytes = int(declared) if declared.isdecimal() else 0
    if declared_bytes > queue.max_upload_bytes + _FORM_OVERHEAD_BYTES:
        raise _too_large(queue.max_upload_bytes)
    with queue.upload_places.place():
        await queue.uploads.require_room(declared_bytes)
        return await _received(request, queue)


async def _received(request: Request, queue: QueueState) -> Upload:
    digest = hashlib.sha256()
    ends_s = asyncio.get_running_loop().time() + queue.upload_timeout_s

    async def keep(pieces: AsyncIterator[bytes]) -> str:
        return await queue.uploads.put(_bounded(pieces, queue.max_upload_bytes, ends_s, digest))

    try:
        async with asyncio.timeout_at(ends_s + _STORE_S):
            form = await read_form(request, keep, queue.uploads.delete)
    except TimeoutError as error:
        raise InvalidRequest(
            f"The upload did not arrive within {queue.upload_timeout_s:g} s."
        ) from error
    except ClientDisconnect as error:
        raise CallerLeft from error
    if form.upload_id is None:
        raise missing_file()
    return Upload(form.upload_id, digest.hexdigest(), form.fields)


async def _bounded(
    pieces: AsyncIterator[bytes], max_bytes: int, ends_s: float, digest: hashlib._Hash
) -> AsyncIterator[bytes]:
    """Yields the pieces of the file; raises when they are late, too slow or too many.

    The store reads them in a task of its own, which a timeout around the store would not end. That
    task would still be reading the form when it is closed.
    """
    size_bytes, pace = 0, Pace(_MIN_BYTES_PER_S, _SPEED_WINDOW_S)
    while True:
        async with asyncio.timeout_at(ends_s):
            piece = await anext(pieces, b"")
        if not piece:
            return
        size_bytes += len(piece)
        if size_bytes > max_bytes:
            raise _too_large(max_bytes)
        if not pace.keeps_up(len(piece)):
            raise InvalidRequest("The upload arrives too slowly.")
        digest.update(piece)
        yield piece


def _too_large(max_bytes: int) -> ModelTooLarge:
    return ModelTooLarge(
        f"The model file is larger than the {max_bytes / _MIB:g} MiB this service takes. Reduce "
        "the number of triangles, or save it in a binary format."
    )

"""Receives the file of a form: counted, timed, hashed, and never kept in memory.

The number of uploads at once is bounded, and so is their memory. A file that is too large, or for
which there is no room, is refused by its declared length before a byte is read, otherwise at
the first byte too many. A caller who sends less than 8 KiB/s is refused.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import ClientDisconnect, Request

from pricing_fdm.errors import InvalidRequest, ModelTooLarge, UploadsFull
from pricing_fdm.fetch.pace import Pace
from pricing_fdm.web.body import require_no_coding
from pricing_fdm.web.disconnect import CallerLeft
from pricing_fdm.web.form import missing_file, read_form
from pricing_fdm.web.places import Places

_MIB = 1024 * 1024
_FORM_OVERHEAD_BYTES = 256 * 1024  # what may stand around the file
_MIN_BYTES_PER_S = 8 * 1024
_SPEED_WINDOW_S = 10.0
_RETRY_AFTER_S = 5
_STORE_S = 5.0  # for the store to finish after the last piece has arrived


class Sink(Protocol):
    """Where the file of a form goes: the store of uploads, or a folder of the request's own."""

    async def require_room(self, size_bytes: int) -> None:
        """Raises a `CapacityError` when a file of this size would not be taken."""

    async def put(self, pieces: AsyncIterator[bytes]) -> str:
        """Takes the file and returns its key."""

    async def delete(self, key: str) -> None:
        """Removes the file."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What bounds the uploads to this process, whatever route they come by.

    Attributes:
        places: One for each upload while it is received.
        max_bytes: Largest file taken.
        timeout_s: Seconds that a whole upload may take.
    """

    places: Places
    max_bytes: int
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was received.

    Attributes:
        key: Its key in the sink.
        sha256: Of its bytes, lower-case hex.
        fields: The other fields of the form.
    """

    key: str
    size_bytes: int
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


async def receive_upload(request: Request, limits: UploadLimits, sink: Sink) -> Upload:
    """Reads the form and puts its file into the sink; after a failure nothing stays there.

    Raises:
        UnsupportedMediaType: No multipart form, or a compressed one.
        ModelTooLarge: The file is larger than the limit.
        InvalidRequest: There is no file, or the form does not arrive whole and in time.
        UploadsFull: As many others are being received as there are places.
        CapacityError: The sink does not take it.
        CallerLeft: The caller hung up.
    """
    require_no_coding(request)
    declared = request.headers.get("content-length", "")
    declared_bytes = int(declared) if declared.isdecimal() else 0
    if declared_bytes > limits.max_bytes + _FORM_OVERHEAD_BYTES:
        raise _too_large(limits.max_bytes)
    with limits.places.place():
        await sink.require_room(declared_bytes)
        return await _received(request, limits, sink)


async def _received(request: Request, limits: UploadLimits, sink: Sink) -> Upload:
    count = _Count()
    ends_s = asyncio.get_running_loop().time() + limits.timeout_s

    async def keep(pieces: AsyncIterator[bytes]) -> str:
        return await sink.put(_bounded(pieces, limits.max_bytes, ends_s, count))

    try:
        async with asyncio.timeout_at(ends_s + _STORE_S):
            form = await read_form(request, keep, sink.delete)
    except TimeoutError as error:
        raise InvalidRequest(f"The upload did not arrive within {limits.timeout_s:g} s.") from error
    except ClientDisconnect as error:
        raise CallerLeft from error
    if form.upload_id is None:
        raise missing_file()
    return Upload(form.upload_id, count.size_bytes, count.digest.hexdigest(), form.fields)


@dataclass(slots=True)
class _Count:
    size_bytes: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)


async def _bounded(
    pieces: AsyncIterator[bytes], max_bytes: int, ends_s: float, count: _Count
) -> AsyncIterator[bytes]:
    """Yields the pieces of the file; raises when they are late, too slow or too many.

    The store reads them in a task of its own, which a timeout around the store would not end. That
    task would still be reading the form when it is closed.
    """
    pace = Pace(_MIN_BYTES_PER_S, _SPEED_WINDOW_S)
    while True:
        async with asyncio.timeout_at(ends_s):
            piece = await anext(pieces, b"")
        if not piece:
            return
        count.size_bytes += len(piece)
        if count.size_bytes > max_bytes:
            raise _too_large(max_bytes)
        if not pace.keeps_up(len(piece)):
            raise InvalidRequest("The upload arrives too slowly.")
        count.digest.update(piece)
        yield piece


def _too_large(max_bytes: int) -> ModelTooLarge:
    return ModelTooLarge(
        f"The model file is larger than the {max_bytes / _MIB:g} MiB this service takes. Reduce "
        "the number of triangles, or save it in a binary format."
    )

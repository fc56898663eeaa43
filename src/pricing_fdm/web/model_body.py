"""Reads a request that prices: JSON that names a URL or an upload, or a form that holds the model.

The model of a form goes to disk as it arrives, into a folder of the request's own, and is from then
on priced like one that was downloaded. A request for which there is no place anyway is refused
before its file is read; it takes its place when the file is there, so that slow callers hold none.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from pricing_fdm.errors import UnsupportedMediaType
from pricing_fdm.jobs.store import missing_upload
from pricing_fdm.model import Download
from pricing_fdm.quoting.full_disk import disk_errors
from pricing_fdm.quoting.pipeline import Source
from pricing_fdm.quoting.timing import Stage
from pricing_fdm.web.body import media_type_of, read_json
from pricing_fdm.web.form import order_of_texts
from pricing_fdm.web.idempotency import KeptAnswer, fingerprint, idempotency_key
from pricing_fdm.web.pricing_call import PricingCall
from pricing_fdm.web.upload import Upload, receive_upload

_Fields = TypeVar("_Fields", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Asked(Generic[_Fields]):
    """What a request asks for.

    Attributes:
        fields: All but the model.
        source: Brings the model.
        kept: The answer to this request, if it was answered before.
    """

    fields: _Fields
    source: Source
    kept: KeptAnswer


@contextlib.asynccontextmanager
async def asked(
    call: PricingCall, fields: type[_Fields], with_url: type[_Fields]
) -> AsyncIterator[Asked[_Fields]]:
    """Reads the body; a model that came with it is there while the context lasts.

    Args:
        call: The request.
        fields: What a form holds beside its file.
        with_url: The same, and `file_url`, or `upload_id`: what a JSON body holds.

    Raises:
        UnsupportedMediaType: Neither JSON nor a form.
        PricingError: As `read_json` and `receive_upload`.
    """
    request = call.request
    keep = functools.partial(_kept, call, idempotency_key(request))
    media_type = media_type_of(request)
    if media_type not in {"application/json", "multipart/form-data"}:
        raise UnsupportedMediaType(
            "Send the request as application/json, or with its file as multipart/form-data."
        )
    if media_type == "application/json":
        wanted = await read_json(request, with_url, call.shop)
        source, content = await _named(call, wanted)
        yield Asked(wanted, source, keep(wanted, content))
        return
    pipeline = call.pipeline
    pipeline.admission.require_place()
    call.timer.enter(Stage.DOWNLOAD)
    with pipeline.workspaces.folder() as workspace:
        with disk_errors():
            receiving = receive_upload(request, call.state.uploads, _Folder(workspace.path))
            upload = await receiving
        source = functools.partial(_moved, workspace.path, upload)
        read = order_of_texts(fields, upload.fields, call.shop)
        yield Asked(read, call.counted(source), keep(read, upload.sha256))


async def _named(call: PricingCall, wanted: BaseModel) -> tuple[Source, str]:
    """The source that a JSON body names, and its name.

    Raises:
        InvalidRequest: There is no such upload.
    """
    url: str | None = getattr(wanted, "file_url", None)
    if url is not None:
        return call.source(url), url
    uploads, upload_id = call.state.queue.uploads, str(getattr(wanted, "upload_id", ""))
    if not await uploads.holds(upload_id):
        raise missing_upload()
    return call.counted(functools.partial(uploads.fetch, upload_id)), upload_id


def _kept(call: PricingCall, key: str | None, fields: BaseModel, content: str) -> KeptAnswer:
    """`content` is what the fingerprint has in place of the model."""
    order = fields.model_dump(mode="json", exclude={"file_url", "upload_id"})
    return KeptAnswer(call.state.answers, key, fingerprint(call.asks_for, order, content))


async def _moved(folder: Path, upload: Upload, destination: Path) -> Download:
    """The file that was received, under the name that the pipeline gives it."""
    (folder / upload.key).rename(destination)
    return Download(destination, upload.size_bytes, upload.sha256)


class _Folder:
    """A `Sink` for one file; the folder is deleted with the request."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def require_room(self, size_bytes: int) -> None:
        """The folder was not made if the disk is nearly full; a full one is met when writing."""

    async def put(self, pieces: AsyncIterator[bytes]) -> str:
        """Writes the file."""
        with (self._folder / "received").open("xb") as file:
            async for piece in pieces:
                file.write(piece)
        return "received"

    async def delete(self, key: str) -> None:
        """Removes it."""
        (self._folder / key).unlink()

"""`POST /v1/uploads`: keeps a model, so that it is sent once for its estimates and jobs."""

from __future__ import annotations

from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.errors import InvalidRequest
from pricing_fdm.web.app_state import queue_of, state_of
from pricing_fdm.web.fields import FilePart
from pricing_fdm.web.form import order_of_texts
from pricing_fdm.web.upload import receive_upload


class _FileAlone(BaseModel):
    """No other field."""

    model_config = ConfigDict(extra="forbid")


class ModelForm(BaseModel):
    """A form with the model alone."""

    file: FilePart


class ModelKept(BaseModel):
    """A model is kept, for a while."""

    upload_id: str = Field(description="Names it, in place of a URL, for estimates and jobs.")


async def post_model(request: Request) -> Response:
    """Keeps the file of a form."""
    uploads = queue_of(request).uploads
    upload = await receive_upload(request, state_of(request).uploads, uploads)
    try:
        order_of_texts(_FileAlone, upload.fields, state_of(request).shop)
    except InvalidRequest:
        await uploads.delete(upload.key)
        raise
    return JSONResponse(ModelKept(upload_id=upload.key).model_dump(), HTTPStatus.CREATED)

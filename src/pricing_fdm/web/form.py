"""Reads `multipart/form-data` as it arrives: a file that is passed on in pieces, and short fields.

Nothing of the file is kept here, in memory or on disk. Fields may stand before and after it.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Annotated, TypeAlias, TypeVar, get_args, get_origin

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import from_json
from starlette.requests import Request

from pricing_fdm.errors import InvalidRequest, UnsupportedMediaType
from pricing_fdm.order_request import in_shop
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.web.body import invalid_request, wrong_field

FILE_FIELD = "file"
MAX_FIELDS = 20
MAX_FIELD_BYTES = 8 * 1024
MAX_FRAME_BYTES = 64 * 1024  # of boundaries, headers, and what stands before and after the parts
_MAX_BOUNDARY = 70  # RFC 2046, 5.1.1
_CUT_OFF = "The form is cut off. Send it again."
_NUMBER_OR_TRUTH = re.compile(r"true|false|-?(0|[1-9][0-9]*)(\.[0-9]+)?(e[+-]?[0-9]+)?")

Keep: TypeAlias = Callable[[AsyncIterator[bytes]], Awaitable[str]]
"""Takes the pieces of the file and says under which name they are kept."""

_Event: TypeAlias = MultipartSegment | bytes | None  # a part begins, its bytes, it ends
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(slots=True)
class Form:
    """What was in the form.

    Attributes:
        upload_id: What the file is kept as, None when there was none.
        fields: All others, as text.
    """

    upload_id: str | None = None
    fields: dict[str, str] = field(default_factory=dict)


async def read_form(request: Request, keep: Keep, drop: Callable[[str], Awaitable[None]]) -> Form:
    """Reads the whole form.

    Args:
        request: Its body is read to the end.
        keep: Is given the file.
        drop: Is told what was kept, when the rest of the form turns out to be wrong.

    Raises:
        UnsupportedMediaType: No multipart form.
        InvalidRequest: Cut off, garbled, two files, or too much beside the file.
    """
    form = Form()
    try:
        async with aclosing(_events(request, _boundary(request))) as events:
            async for event in events:
                if isinstance(event, MultipartSegment):
                    await _take(form, event, _pieces(events), keep)
    except BaseException:
        if form.upload_id is not None:
            await drop(form.upload_id)
        raise
    return form


def order_of_texts(model: type[_Model], texts: Mapping[str, str], shop: Shop) -> _Model:
    """The request that a form's texts stand for, judged by the rules of JSON and of the shop.

    Raises:
        InvalidRequest: Fields are wrong.
    """
    pairs = (
        f"{json.dumps(name)}: {_json(model.model_fields.get(name), text)}"
        for name, text in texts.items()
    )
    try:
        return model.model_validate_json(f"{{{', '.join(pairs)}}}", context=in_shop(shop))
    except ValidationError as error:
        raise invalid_request(error) from error


def missing_file() -> InvalidRequest:
    """The form has no file, or has it under another name."""
    return wrong_field(FILE_FIELD, "The form needs the model as a file under this name.")


async def _take(
    form: Form, part: MultipartSegment, pieces: AsyncIterator[bytes], keep: Keep
) -> None:
    if not part.name:
        raise InvalidRequest("A part of the form has no name.")
    if part.name == FILE_FIELD:
        if form.upload_id is not None:
            raise InvalidRequest("The form holds several files; send one.")
        form.upload_id = await keep(pieces)
    elif part.filename is not None:
        raise missing_file()
    elif part.name in form.fields or len(form.fields) == MAX_FIELDS:
        raise InvalidRequest("The form has a field twice, or too many fields.")
    else:
        form.fields[part.name] = await _text(pieces)


async def _text(pieces: AsyncIterator[bytes]) -> str:
    text = b""
    async for piece in pieces:
        text += piece
        if len(text) > MAX_FIELD_BYTES:
            raise InvalidRequest(f"A field of the form may have {MAX_FIELD_BYTES} bytes.")
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest("A field of the form is not UTF-8 text.") from error


async def _pieces(events: AsyncIterator[_Event]) -> AsyncIterator[bytes]:
    """The bytes of the part that has begun, until it ends."""
    async for event in events:
        if not isinstance(event, bytes):
            return
        yield event


async def _events(request: Request, boundary: str) -> AsyncGenerator[_Event, None]:
    """What the parser finds, in its order, as the body arrives."""
    # Headers in any encoding: our names are ASCII, and the name of the file is not used.
    parser = PushMultipartParser(boundary, header_charset="latin-1")
    frame_bytes = 0
    async for chunk in request.stream():
        frame_bytes += len(chunk)
        try:
            for event in parser.parse(chunk):
                frame_bytes -= len(event) if isinstance(event, bytes) else 0
                yield event
        except MultipartError as error:
            # The last chunk is empty; the parser then says whether the form is whole.
            fault = "The request body is no valid multipart form." if chunk else _CUT_OFF
            raise InvalidRequest(fault) from error
        if frame_bytes > MAX_FRAME_BYTES:
            raise InvalidRequest("The form holds too much beside its fields and its file.")


def _boundary(request: Request) -> str:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary: str = options.get("boundary", "")
    if kind != "multipart/form-data" or not 1 <= len(boundary) <= _MAX_BOUNDARY:
        raise UnsupportedMediaType("Send the file as multipart/form-data.")
    return boundary


def _json(about: FieldInfo | None, text: str) -> str:
    """JSON for a form's text: a number, a truth value, a list or an object where that is wanted.

    A list may also be words with commas between them.
    """
    kind = None if about is None else about.annotation
    takes_numbers = any(
        isinstance(each, type) and issubclass(each, int | float) for each in (kind, *get_args(kind))
    )
    origin = get_origin(kind)
    if origin in (list, dict) and _is_json(text):
        return text
    if origin is list and get_origin(get_args(kind)[0]) is Annotated:
        return json.dumps([word.strip() for word in text.split(",")])
    bare = text.strip().lower()
    return bare if takes_numbers and _NUMBER_OR_TRUTH.fullmatch(bare) else json.dumps(text)


def _is_json(text: str) -> bool:
    try:
        from_json(text, allow_inf_nan=False)
    except (ValueError, TypeError):  # half a character is no text to the parser
        return False
    return True

"""Reads a request body that must be small JSON of a known shape.

A declared length is checked, an undeclared one counted; nothing larger than the limit is held. All
wrong fields are named at once, and no value of the caller is repeated.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from pricing_fdm.errors import BodyTooLarge, FieldFault, InvalidRequest, UnsupportedMediaType
from pricing_fdm.order_request import in_shop
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.web.disconnect import CallerLeft

LONGEST_BODY_BYTES = 64 * 1024
BODY_TIMEOUT_S = 10.0
_LONGEST_NAME = 64
_BOM = b"\xef\xbb\xbf"
# A body of 64 KiB can hold thousands of unknown fields; an answer that names each would be many
# times as large. Known fields come first, so they are never the ones left out.
_MOST_FAULTS = 20

_Model = TypeVar("_Model", bound=BaseModel)


async def read_json(
    request: Request, model: type[_Model], shop: Shop, *, most_bytes: int = LONGEST_BODY_BYTES
) -> _Model:
    """Reads the body and validates it for the shop.

    Raises:
        UnsupportedMediaType: The content type is not JSON.
        BodyTooLarge: It has more bytes.
        InvalidRequest: Not JSON, or fields are wrong.
        CallerLeft: The caller hung up before the body was whole, or sent bytes that are not HTTP.
    """
    if media_type_of(request) != "application/json":
        raise UnsupportedMediaType("Send the request as application/json.")
    require_no_coding(request)
    body = await read_bounded(request, most_bytes)
    body = body.removeprefix(_BOM)
    if name := _repeated_name(body):
        raise wrong_field(name, "It is given twice.")
    try:
        return model.model_validate_json(body, context=in_shop(shop))
    except ValidationError as error:
        raise invalid_request(error) from error


def require_no_coding(request: Request) -> None:
    """Refuses a body that is compressed.

    Raises:
        UnsupportedMediaType: It has a Content-Encoding.
    """
    if request.headers.get("content-encoding", "").strip().lower() not in {"", "identity"}:
        raise UnsupportedMediaType("Send the request body as it is, without a Content-Encoding.")


def _repeated_name(body: bytes) -> str:
    """A name that an object of the body has twice, which parsers read differently; else empty."""
    repeated: list[str] = []

    def note(pairs: list[tuple[str, object]]) -> None:
        names = Counter(name for name, _ in pairs)
        repeated.extend(name for name, count in names.items() if count > 1)

    with contextlib.suppress(ValueError, RecursionError):  # whatever else is wrong is told later
        json.loads(body, object_pairs_hook=note)
    return field_name((repeated[0],)) if repeated else ""


def media_type_of(request: Request) -> str:
    """The declared type of the body, in lower case and without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_bounded(request: Request, most_bytes: int = LONGEST_BODY_BYTES) -> bytes:
    """Reads a body of at most so many bytes.

    Raises:
        BodyTooLarge: It has more.
        InvalidRequest: It does not arrive.
        CallerLeft: The caller hung up before the body was whole, or sent bytes that are not HTTP.
    """
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await _read(request, most_bytes)
    except TimeoutError as error:
        raise InvalidRequest(
            f"The request body did not arrive within {BODY_TIMEOUT_S:g} s."
        ) from error
    except ClientDisconnect as error:
        raise CallerLeft from error


async def _read(request: Request, most_bytes: int) -> bytes:
    too_large = BodyTooLarge(f"The request body may have {most_bytes} bytes.")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most_bytes:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise too_large
    return bytes(body)


def invalid_request(error: ValidationError) -> InvalidRequest:
    """Names every wrong field, up to a sensible number; never a value."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    if any(fault["type"] == "json_invalid" for fault in faults):
        return InvalidRequest("The request body is not valid JSON.")
    return wrong_fields(
        [FieldFault(field_name(fault["loc"]), _sentence(fault["msg"])) for fault in faults]
    )


def wrong_fields(faults: Sequence[FieldFault]) -> InvalidRequest:
    """Names what is wrong, up to a sensible number."""
    named = tuple(faults[:_MOST_FAULTS])
    fields = ", ".join(sorted({fault.field for fault in named}))
    unnamed = len(faults) - len(named)
    more = f", and {unnamed} more" if unnamed else ""
    return InvalidRequest(f"Wrong or missing: {fields}{more}.", named)


def wrong_field(name: str, message: str) -> InvalidRequest:
    """The error for one field that breaks a rule beyond the schema."""
    return wrong_fields([FieldFault(name, message)])


def field_name(location: tuple[int | str, ...]) -> str:
    """The field's name; an unknown name is repeated only if it is a plain word."""
    if not location:
        return "(body)"
    name = ".".join(str(part) for part in location)
    plain = name.replace("_", "").replace(".", "").isalnum() and name.isascii()
    return name if plain and len(name) <= _LONGEST_NAME else "(unknown field)"


def _sentence(message: str) -> str:
    return (
        message.removeprefix("Value error, ")
        .replace("Input should be", "Must be")
        .replace("List should have", "Must have")
        .replace(" after validation", "")
        .replace("Extra inputs are not permitted", "There is no such field")
    )

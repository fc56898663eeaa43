"""Reads `multipart/form-data` as it arrives: a file that is handed on in pieces, and short fields.

Nothing of the file is held here, in memory or on disk. Fields may stand before and after it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeAlias

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from pricing_fdm.errors import FieldFault, InvalidRequest, UnsupportedMediaType

FILE_FIELD = "file"
MAX_FIELDS = 20
MAX_FIELD_BYTES = 8 * 1024

Keep: TypeAlias = Callable[[AsyncIterator[bytes]], Awaitable[str]]
"""Takes the pieces of the file and says under which name they are kept."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was in the form.

    Attributes:
        upload_id: What the file is kept as, None when there was none.
        fields: All others, as text.
    """

    upload_id: str | None
    fields: dict[str, str]


@dataclass(slots=True)
class _Begun:
    """A part begins; whether it says that it is a file."""

    name: str
    is_file: bool


@dataclass(slots=True)
class _Ended:
    """A part, or the whole form, has ended."""

    form: bool = False


_Event: TypeAlias = _Begun | bytes | _Ended


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
    reading = _Reading(keep)
    try:
        async with aclosing(_events(request, _boundary(request))) as events:
            await reading.take_all(events)
    except BaseException:
        if reading.upload_id is not None:
            await drop(reading.upload_id)
        raise
    return Form(reading.upload_id, reading.fields)


class _Reading:
    """The form as far as it has been read."""

    def __init__(self, keep: Keep) -> None:
        self.upload_id: str | None = None
        self.fields: dict[str, str] = {}
        self._keep = keep

    async def take_all(self, events: AsyncIterator[_Event]) -> None:
        async for event in events:
            if isinstance(event, _Begun):
                await self._take(event, events)
            elif isinstance(event, _Ended) and event.form:
                return
        raise _cut_off()

    async def _take(self, begun: _Begun, events: AsyncIterator[_Event]) -> None:
        name = begun.name
        if name == FILE_FIELD:
            if self.upload_id is not None:
                raise InvalidRequest("The form holds several files; send one.")
            self.upload_id = await self._keep(_pieces(events))
        elif begun.is_file:
            raise missing_file()
        elif name in self.fields or len(self.fields) == MAX_FIELDS:
            raise InvalidRequest("The form has a field twice, or too many fields.")
        else:
            self.fields[name] = await _text(events)


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise UnsupportedMediaType("Send the file as multipart/form-data.")
    return boundary


async def _pieces(events: AsyncIterator[_Event]) -> AsyncIterator[bytes]:
    """The bytes of the part that has begun, until it ends."""
    async for event in events:
        if isinstance(event, _Ended):
            return
        if isinstance(event, bytes):
            yield event
    raise _cut_off()


async def _text(events: AsyncIterator[_Event]) -> str:
    text = b""
    async for piece in _pieces(events):
        text += piece
        if len(text) > MAX_FIELD_BYTES:
            raise InvalidRequest(f"A field of the form may have {MAX_FIELD_BYTES} bytes.")
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest("A field of the form is not UTF-8 text.") from error


async def _events(request: Request, boundary: bytes) -> AsyncGenerator[_Event, None]:
    """What the parser finds, in its order, as the body arrives."""
    listener = _Listener()
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": listener.part_begins,
            "on_header_begin": listener.header_begins,
            "on_header_field": listener.header_name,
            "on_header_value": listener.header_value,
            "on_header_end": listener.header_ends,
            "on_headers_finished": listener.part_has_begun,
            "on_part_data": listener.part_data,
            "on_part_end": listener.part_ends,
            "on_end": listener.form_ends,
        },
    )
    async for chunk in request.stream():
        try:
            parser.write(chunk)
        except MultipartParseError as error:
            raise InvalidRequest("The request body is no valid multipart form.") from error
        for event in listener.take():
            yield event


@dataclass(slots=True)
class _Listener:
    """Turns the parser's calls into events."""

    _found: list[_Event] = field(default_factory=list)
    _name: bytes = b""
    _value: bytes = b""
    _disposition: bytes = b""

    def take(self) -> list[_Event]:
        found, self._found = self._found, []
        return found

    def part_begins(self) -> None:
        self._disposition = b""

    def header_begins(self) -> None:
        self._name = self._value = b""

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_ends(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value

    def part_has_begun(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name", b"")
        if not name:
            raise InvalidRequest("A part of the form has no name.")
        self._found.append(_Begun(name.decode("utf-8", "replace"), b"filename" in options))

    def part_data(self, data: bytes, start: int, end: int) -> None:
        self._found.append(data[start:end])

    def part_ends(self) -> None:
        self._found.append(_Ended())

    def form_ends(self) -> None:
        self._found.append(_Ended(form=True))


def missing_file() -> InvalidRequest:
    """The form has no file, or has it under another name."""
    return InvalidRequest(
        f"Wrong or missing: {FILE_FIELD}.",
        (FieldFault(FILE_FIELD, "The form needs the model as a file under this name."),),
    )


def _cut_off() -> InvalidRequest:
    return InvalidRequest("The form is cut off. Send it again.")

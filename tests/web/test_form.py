"""A form is read as it arrives, whatever the pieces it arrives in."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from pricing_fdm.errors import InvalidRequest, PricingError, UnsupportedMediaType
from pricing_fdm.web.form import (
    MAX_FIELD_BYTES,
    MAX_FIELDS,
    MAX_FRAME_BYTES,
    Form,
    order_of_texts,
    read_form,
)
from pricing_fdm.web.jobs.schemas import JobOptions
from tests.shop.shops import bundled_shop

BOUNDARY = "frontier"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
FILE = bytes(range(256)) * 40 + b"\r\n--frontie\r\n--" + bytes(1000)


def part(name: str, content: bytes, more: str = "") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def file_part(content: bytes = FILE) -> bytes:
    return part("file", content, '; filename="../../part.stl"')


def whole(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


@dataclass
class Kept:
    """A store in memory that remembers what it was told."""

    files: list[bytes] = field(default_factory=list)
    largest_piece: int = 0
    dropped: list[str] = field(default_factory=list)

    async def keep(self, pieces: AsyncIterator[bytes]) -> str:
        content = b""
        async for piece in pieces:
            self.largest_piece = max(self.largest_piece, len(piece))
            content += piece
        self.files.append(content)
        return f"upload-{len(self.files)}"

    async def drop(self, key: str) -> None:
        self.dropped.append(key)


def request(body: Iterable[bytes], content_type: str = CONTENT_TYPE, *, hangs_up: bool) -> Request:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in body
    ]
    end = {"type": "http.request", "body": b"", "more_body": False}
    messages.append({"type": "http.disconnect"} if hangs_up else end)

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    headers = [(b"content-type", content_type.encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def read(
    body: bytes,
    kept: Kept,
    *,
    chunk: int = 65536,
    content_type: str = CONTENT_TYPE,
    hangs_up: bool = False,
) -> Form:
    chunks = [body[start : start + chunk] for start in range(0, len(body), chunk)]
    asked = request(chunks, content_type, hangs_up=hangs_up)
    return asyncio.run(read_form(asked, kept.keep, kept.drop))


@pytest.mark.parametrize("chunk", [1, 7, 1000, 65536])
@pytest.mark.parametrize("first", [True, False], ids=["file first", "fields first"])
def test_file_and_fields_come_out_whatever_the_order_and_the_pieces(
    chunk: int, first: bool
) -> None:
    """The file holds what looks like a boundary; it is not one."""
    kept = Kept()
    fields = [part("material", b"petg"), part("infill", b"30")]
    body = whole(file_part(), *fields) if first else whole(*fields, file_part())
    form = read(body, kept, chunk=chunk)
    assert form == Form("upload-1", {"material": "petg", "infill": "30"})
    assert kept.files == [FILE]
    assert kept.dropped == []


def test_the_file_is_handed_on_in_the_pieces_that_it_comes_in() -> None:
    """Memory holds one piece, never the file."""
    kept = Kept()
    read(whole(file_part(bytes(1_000_000))), kept, chunk=4096)
    assert 0 < kept.largest_piece <= 4096


def test_a_form_without_a_file_is_told_from_one_with_an_empty_file() -> None:
    """Whoever asked for the form judges both."""
    kept = Kept()
    assert read(whole(part("material", b"pla")), kept) == Form(None, {"material": "pla"})
    assert read(whole(file_part(b"")), kept) == Form("upload-1", {})
    assert kept.files == [b""]


REFUSED = {
    "two files": whole(file_part(), file_part()),
    "a field twice": whole(part("infill", b"1"), part("infill", b"2")),
    "too many fields": whole(*(part(f"f{number}", b"") for number in range(MAX_FIELDS + 1))),
    "a long field": whole(part("material", b"x" * (MAX_FIELD_BYTES + 1))),
    "no text": whole(part("material", b"\xff\xfe")),
    "no name": whole(b"--frontier\r\nContent-Disposition: form-data\r\n\r\nx\r\n"),
    "no part": b"",
    "cut off in the file": file_part()[:-20],
    "cut off after the file": file_part(),
    "garbage": b"not a form at all",
    "another boundary": whole(file_part()).replace(b"frontier", b"other"),
    "a long header": b"--frontier\r\n" + b"X" * 10_000 + b": y\r\n\r\n",
    "many headers": b"--frontier\r\n" + b"X: y\r\n" * 100 + b"\r\n",
    "a header that is none": b"--frontier\r\nfile\r\n\r\nx\r\n--frontier--\r\n",
    "an endless preamble": b"x" * (MAX_FRAME_BYTES + 1) + b"\r\n" + whole(file_part()),
    "an endless epilogue": whole(file_part()) + b"x" * (MAX_FRAME_BYTES + 1),
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("chunk", [13, 65536])
def test_a_wrong_form_is_refused_and_nothing_stays_kept(body: bytes, chunk: int) -> None:
    """What had been kept before the fault showed is dropped again."""
    kept = Kept()
    with pytest.raises(InvalidRequest):
        read(body, kept, chunk=chunk)
    assert len(kept.dropped) == len(kept.files)


def test_a_caller_who_hangs_up_leaves_nothing() -> None:
    """Also when the file was already there as a whole."""
    kept = Kept()
    with pytest.raises(ClientDisconnect):
        read(file_part() + part("material", b"p")[:-3], kept, hangs_up=True)
    assert kept.dropped == ["upload-1"]


@pytest.mark.parametrize("name", ["Ständer.stl", "x" * 3000, '\\";name="material', "%22%0D%0A"])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_the_name_of_the_file_does_not_matter(name: str, encoding: str) -> None:
    """Old clients send names as their own machine writes them."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    kept = Kept()
    assert read(whole(head.encode(encoding) + FILE + b"\r\n"), kept) == Form("upload-1", {})
    assert kept.files == [FILE]


@pytest.mark.parametrize("chunk", [1, 65536])
def test_what_stands_after_the_end_of_the_form_is_not_looked_at(chunk: int) -> None:
    """Clients end the last line, and some add an empty one."""
    kept = Kept()
    assert read(whole(file_part()) + b"\r\n", kept, chunk=chunk) == Form("upload-1", {})


@pytest.mark.parametrize(
    "text",
    ["[" * 8000, '{"a":' * 1000, "9" * 8000, "1e999", "-", "nan", '"', "\x00", "\u0661", "\ud800"],
    ids=lambda text: repr(text[:8]),
)
@pytest.mark.parametrize("name", JobOptions.model_fields)
def test_no_text_of_a_field_is_more_than_a_wrong_value(name: str, text: str) -> None:
    """Deeply nested brackets were a 500 once: a text was read as JSON before it was judged."""
    with contextlib.suppress(InvalidRequest):
        order_of_texts(JobOptions, {name: text}, bundled_shop())


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'b' * 71}",
        f"multipart/form-data; boundary={'b' * 60_000}",
        'multipart/form-data; boundary="' + "\\" * 60_000,
        "multipart/mixed; boundary=x",
        "",
    ],
    ids=lambda text: text[:50],
)
def test_what_is_no_form_is_refused_before_it_is_read(content_type: str) -> None:
    """415, as for a quote that is not JSON."""
    with pytest.raises(PricingError) as caught:
        read(whole(file_part()), Kept(), content_type=content_type)
    assert isinstance(caught.value, UnsupportedMediaType)

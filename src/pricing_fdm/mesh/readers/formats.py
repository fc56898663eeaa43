"""Recognises the format of a file by its content only, and reads it.

A new format is one more entry in `READERS`. Order matters: a reader that can be certain (a binary
STL that is exactly as long as it says) comes before one that goes by a first word.

The name in the URL plays no part: error pages, archives and CAD files all come under the name
of an STL. For those the refusal names what they are and what to do. It never repeats content.

Cost: O(1) to recognise a format by its first bytes; then that of its reader.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pricing_fdm.errors import ModelFormat
from pricing_fdm.mesh.readers import obj, stl_ascii, stl_binary
from pricing_fdm.mesh.readers.threemf import reader as threemf
from pricing_fdm.mesh.triangles import Reading

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Reader:
    """One format that we read.

    Attributes:
        name: Public name, `model.format` of a quote.
        title: Name in the text of a refusal.
        claims: Whether the first bytes and the size in bytes show this format.
        read: Takes an open file, its size and the most triangles allowed.
    """

    name: str
    title: str
    claims: Callable[[bytes, int], bool]
    read: Callable[[BinaryIO, int, int], Reading]


BINARY = Reader("stl-binary", "binary STL", stl_binary.fits, stl_binary.read)
READERS: tuple[Reader, ...] = (
    BINARY,
    Reader("stl-ascii", "ASCII STL", stl_ascii.claims, stl_ascii.read),
    Reader("3mf", "3MF", threemf.claims, threemf.read),
    Reader("obj", "OBJ", obj.claims, obj.read),
)


def read_model(source: Path, max_triangles: int) -> tuple[str, Reading]:
    """Recognises and reads a model file.

    Returns:
        The format's public name and what was read.

    Raises:
        ModelFormat: Not a format that we read; the detail says what it looks like.
        ModelInvalid: The file is damaged or too large.
    """
    with source.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(HEAD_BYTES)
        file.seek(0)
        reader = recognise(head, size)
        return reader.name, reader.read(file, size, max_triangles)


def recognise(head: bytes, size: int) -> Reader:
    """Picks the reader for a file of `size` bytes that begins with `head`.

    Raises:
        ModelFormat: None of them reads it.
    """
    for reader in READERS:
        if reader.claims(head, size):
            return reader
    if not head:
        raise ModelFormat("The file is empty. Check that the upload was complete.")
    known = looks_like(head)
    # A damaged binary STL has no mark, so this is the guess when nothing else fits.
    if known is None and stl_binary.resembles(head):
        return BINARY
    what, remedy = known or ("nothing we know", "Export the part as STL.")
    titles = ", ".join([*(reader.title for reader in READERS), "STEP"])  # converted before
    raise ModelFormat(f"The file looks like {what}. We read these formats: {titles}. {remedy}")


_ANSWER = "Check that the URL leads to the model file itself and has not expired."
_PACKED = "Unpack it and send the model inside."
_EXPORT = "Export the part as STL."

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x05\x06", "an empty ZIP archive", _EXPORT),
    (b"\x1f\x8b", "a gzip archive", _PACKED),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _PACKED),
    (b"Rar!\x1a\x07", "a RAR archive", _PACKED),
    (b"\xfd7zXZ\x00", "an xz archive", _PACKED),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _PACKED),
    (b"BZh", "a bzip2 archive", _PACKED),
    (b"%PDF-", "a PDF document", _EXPORT),
    (b"\x89PNG", "a PNG picture", _EXPORT),
    (b"\xff\xd8\xff", "a JPEG picture", _EXPORT),
    (b"GIF8", "a GIF picture", _EXPORT),
    (b"\x7fELF", "a program", _EXPORT),
    (b"MZ", "a Windows program", _EXPORT),
    (b"#!", "a script", _EXPORT),
    (b"\xd0\xcf\x11\xe0", "a SolidWorks or Office document", _EXPORT),
    (b"BLENDER", "a Blender scene", _EXPORT),
    (b"Kaydara FBX", "an FBX model", _EXPORT),
    (b"glTF", "a glTF model", _EXPORT),
    (b"ply\n", "a PLY model", _EXPORT),
    (b"ply\r", "a PLY model", _EXPORT),
    (b"ISO-10303-21", "a STEP model", _EXPORT),
    (b"\xff\xfe", "text in UTF-16", "Save it as plain ASCII text."),
    (b"\xfe\xff", "text in UTF-16", "Save it as plain ASCII text."),
)

_TEXT: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"<(?:!doctype\s+)?html"), "a web page", _ANSWER),
    (re.compile(rb"(?:<\?xml[^>]{0,200}>\s*)?<error"), "an XML error message", _ANSWER),
    (re.compile(rb"<"), "an XML document", _EXPORT),
    (re.compile(rb"[{\[]"), "a JSON document", _ANSWER),
    (re.compile(rb"off\s"), "an OFF model", _EXPORT),
    (
        re.compile(rb"(?:#[^\n]*\n|\s)*+(?:v|vn|vt|f|o|g|mtllib|usemtl)[ \t]"),
        "an OBJ without vertices",
        "Export the part again.",
    ),
    (re.compile(rb";|[gm]\d+\s"), "G-code", _EXPORT),
)
_BOM = b"\xef\xbb\xbf"
_NOT_TEXT = re.compile(rb"[\0-\x08\x0e-\x1f\x7f]")


def looks_like(head: bytes) -> tuple[str, str] | None:
    """What the first bytes are and what to do about it; None if nothing fits.

    Args:
        head: The first few kilobytes of the file.
    """
    for magic, what, remedy in _MAGIC:
        if head.startswith(magic):
            return what, remedy
    if _NOT_TEXT.search(head):
        return None
    text = head.removeprefix(_BOM).lstrip().lower()
    for pattern, what, remedy in _TEXT:
        if pattern.match(text):
            return what, remedy
    return "plain text", "An ASCII STL begins with the word `solid`."

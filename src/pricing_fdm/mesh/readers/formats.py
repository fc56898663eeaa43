"""Recognises the format of a file by its content only, and reads it.

A new format is one more entry in `READERS`. Order matters: a reader that can be certain (a binary
STL that is exactly as long as it says) comes before one that goes by a first word.

The name in the URL plays no part: error pages, archives and CAD files all come under the name
of an STL. For those the refusal names what they are and what to do, see `foreign`.

Cost: O(1) to recognise a format by its first bytes; then that of its reader.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from pricing_fdm.errors import ModelFormat
from pricing_fdm.mesh.readers import obj, stl_ascii, stl_binary
from pricing_fdm.mesh.readers.foreign import looks_like, unmistakable
from pricing_fdm.mesh.readers.threemf import reader as threemf
from pricing_fdm.mesh.triangles import Reading
from pricing_fdm.mesh.units import stated_in

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Reader:
    """One format that we read.

    Attributes:
        name: Public name, `model.format` of a quote.
        title: Name in the text of a refusal.
        claims: Whether the first bytes and the size in bytes show this format.
        read: Takes an open file, its size and the most triangles allowed.
        has_remarks: The first bytes may say in which unit it is drawn.
    """

    name: str
    title: str
    claims: Callable[[bytes, int], bool]
    read: Callable[[BinaryIO, int, int], Reading]
    has_remarks: bool = False


BINARY = Reader("stl-binary", "binary STL", stl_binary.fits, stl_binary.read)
READERS: tuple[Reader, ...] = (
    BINARY,
    Reader("stl-ascii", "ASCII STL", stl_ascii.claims, stl_ascii.read),
    Reader("3mf", "3MF", threemf.claims, threemf.read),
    Reader("obj", "OBJ", obj.claims, obj.read, has_remarks=True),
)


def read_model(source: Path | int, max_triangles: int) -> tuple[str, Reading]:
    """Recognises and reads a model file, or the open file of this descriptor, which is closed.

    Returns:
        The format's public name and what was read.

    Raises:
        ModelFormat: Not a format that we read; the detail says what it looks like.
        ModelInvalid: The file is damaged or too large.
    """
    with open(source, "rb") as file:  # noqa: PTH123 - a path has no descriptor
        size = os.fstat(file.fileno()).st_size
        head = file.read(HEAD_BYTES)
        file.seek(0)
        reader = recognise(head, size)
        reading = reader.read(file, size, max_triangles)
    if reader.has_remarks:
        reading = replace(reading, stated_unit=stated_in(head))
    return reader.name, reading


def recognise(head: bytes, size: int) -> Reader:
    """Picks the reader for a file of `size` bytes that begins with `head`.

    Raises:
        ModelFormat: None of them reads it.
    """
    known = unmistakable(head)
    for reader in READERS:
        if known is None and reader.claims(head, size):
            return reader
    if not head:
        raise ModelFormat("The file is empty. Check that the upload was complete.")
    known = known or looks_like(head)
    # A damaged binary STL has no mark, so this is the guess when nothing else fits.
    if known is None and stl_binary.resembles(head):
        return BINARY
    what, remedy = known or ("nothing we know", "Export the part as STL.")
    titles = ", ".join([*(reader.title for reader in READERS), "STEP"])  # converted before
    raise ModelFormat(f"The file looks like {what}. We read these formats: {titles}. {remedy}")

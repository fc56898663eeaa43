"""Reads a whole G-code piece by piece, whatever its size, from a file or out of a 3MF.

Memory does not follow the size of the part: a piece is a chunk and the line it cut. A line of more
than `MAX_LINE_BYTES` is not kept whole, since in a damaged file it may be all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pricing_fdm.gcode.archive import member_chunks
from pricing_fdm.gcode.faults import incomplete

MAX_LINE_BYTES = 1024 * 1024
"""Room for any line: the longest of a real file, a start G-code among the settings, has 22 kB."""

_CHUNK_BYTES = 128 * 1024


def gcode_chunks(gcode: Path, member: str | None) -> Iterator[bytes]:
    """Yields the bytes of a G-code.

    Args:
        gcode: The G-code, or the 3MF that holds it.
        member: Exact name of the G-code inside the 3MF; None when `gcode` is the G-code itself.

    Raises:
        ResultIncomplete: The file is missing, damaged or cannot be read; possibly only after some
            chunks, so use none of them before the end.
    """
    return _file_chunks(gcode) if member is None else member_chunks(gcode, member)


def line_pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    r"""Cuts chunks anew, so that each piece is whole lines and each line begins with `\n`.

    Raises:
        ResultIncomplete: A line is longer than `MAX_LINE_BYTES`.
    """
    rest = b"\n"
    for chunk in chunks:
        data = rest + chunk
        cut = data.rfind(b"\n")
        if len(data) - cut > MAX_LINE_BYTES:
            raise incomplete("The slicer's result file is damaged", log_detail="endless line")
        yield data[:cut]
        rest = data[cut:]
    yield rest


def _file_chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise incomplete("The slicer left no readable G-code", log_detail=str(error)) from error

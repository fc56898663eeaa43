"""The models that a command line names: files, and `-` for the standard input.

Each is treated as a stranger's: copied into the quote's folder, with no more bytes than allowed.
"""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pricing_fdm.concurrency.completion import complete_in_thread
from pricing_fdm.errors import InvalidRequest, ModelTooLarge
from pricing_fdm.model import Download

STANDARD_INPUT = "-"

_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that can be opened, as often as it is wanted."""

    name: str
    opened: Callable[[], BinaryIO]
    max_bytes: int

    async def copied(self, destination: Path) -> Download:
        """A `Source` for the pipeline.

        Raises:
            InvalidRequest: The file cannot be read.
            ModelTooLarge: It is larger than allowed.
        """
        return await complete_in_thread(self._copy, destination)

    def _copy(self, destination: Path) -> Download:
        digest, size = hashlib.sha256(), 0
        with self._open() as source, destination.open("xb") as copy:
            while chunk := source.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > self.max_bytes:
                    raise ModelTooLarge(f"The file is larger than {self.max_bytes} bytes.")
                digest.update(chunk)
                copy.write(chunk)
        return Download(destination, size, digest.hexdigest())

    def _open(self) -> BinaryIO:
        try:
            return self.opened()
        except OSError as error:
            raise unreadable(self.name, str(error.strerror)) from error


def model_files(names: Iterable[str], max_bytes: int) -> list[ModelFile]:
    """The files of these names; what comes through the standard input is read here.

    It is read before anything runs, so that an interruption finds a plain read.

    Raises:
        InvalidRequest: The standard input is a terminal, or named twice.
    """
    given = list(names)
    if given.count(STANDARD_INPUT) > 1:
        raise unreadable(STANDARD_INPUT, "the standard input can be read once")
    return [_model_file(name, max_bytes) for name in given]


def _model_file(name: str, max_bytes: int) -> ModelFile:
    if name != STANDARD_INPUT:
        path = Path(name)
        return ModelFile(name, lambda: path.open("rb"), max_bytes)
    if sys.stdin.isatty():
        raise unreadable(name, "the standard input is a terminal; send a file through a pipe")
    content = sys.stdin.buffer.read(max_bytes + 1)
    return ModelFile("standard input", lambda: io.BytesIO(content), max_bytes)


def unreadable(name: str, reason: str) -> InvalidRequest:
    """The refusal of a file that is not there, or not to be read."""
    return InvalidRequest(f"{name} cannot be read: {reason}.")

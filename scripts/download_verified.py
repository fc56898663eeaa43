"""Downloads one file and keeps it only if its SHA-256 is the expected one.

Usage: download_verified.py URL SHA256 DESTINATION

The bytes are hashed while they arrive under another name; the destination appears whole and
verified, or not at all. Where there is no way to the origin it gives up within seconds, and
says why in one sentence. Standard library only: a bare machine has neither curl nor wget.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

ANSWER_LIMIT_S = 15
READ_LIMIT_S = 10
TRANSFER_LIMIT_S = 1800
SIZE_LIMIT_BYTES = 1 << 30
CHUNK_BYTES = 1 << 20


class DownloadError(Exception):
    """The file could not be had; the text says why."""


def main(url: str, sha256: str, destination: Path) -> int:
    """Returns the exit code: 0 when `destination` now holds the file, else 1."""
    partial = destination.with_name(destination.name + ".partial")
    try:
        fetch(url, sha256, partial)
        partial.rename(destination)
    except (DownloadError, HTTPException, OSError, ValueError) as error:
        print(reason_of(error), file=sys.stderr)
        return 1
    finally:
        partial.unlink(missing_ok=True)
    return 0


def fetch(url: str, sha256: str, partial: Path) -> None:
    """Writes the bytes of `url` to `partial`; a wrong hash raises `DownloadError`."""
    with give_up_after(ANSWER_LIMIT_S, partial):
        answer = urllib.request.urlopen(url, timeout=READ_LIMIT_S)
    digest = hashlib.sha256()
    size_bytes = 0
    with give_up_after(TRANSFER_LIMIT_S, partial), answer, partial.open("wb") as file:
        while chunk := answer.read(CHUNK_BYTES):
            size_bytes += len(chunk)
            if size_bytes > SIZE_LIMIT_BYTES:
                raise DownloadError(f"the file is larger than {SIZE_LIMIT_BYTES} bytes")
            digest.update(chunk)
            file.write(chunk)
    if digest.hexdigest() != sha256:
        raise DownloadError(
            f"the file's SHA-256 is {digest.hexdigest()}, not the expected {sha256}"
        )


@contextlib.contextmanager
def give_up_after(limit_s: int, partial: Path) -> Iterator[None]:
    """Ends the whole process at the limit: no socket timeout covers a name lookup."""

    def give_up() -> None:
        partial.unlink(missing_ok=True)
        print(f"the download was not done after {limit_s} s.", file=sys.stderr, flush=True)
        os._exit(1)

    timer = threading.Timer(limit_s, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def reason_of(error: Exception) -> str:
    """Returns a sentence; urllib wraps what really happened, so the innermost text counts."""
    if isinstance(error, DownloadError):
        return f"{error}."
    cause: object = error
    if isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError):
        cause = error.reason
    return f"the download failed ({str(cause) or type(cause).__name__})."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))

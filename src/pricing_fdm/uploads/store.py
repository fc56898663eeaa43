"""The operator's object store: a folder by default, S3 and its like by URL.

A model is streamed in and out in pieces. Its key is random: whoever knows it may have the model
priced again. An upload that breaks off leaves nothing, and the store never grows beyond its limit
(`room`).

Uploads that are older than `ttl_s` and needed by no job are removed by whichever process sweeps
next. A life-cycle rule of a bucket knows nothing of jobs: it must keep uploads for longer than jobs
live.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import hashlib
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from pricing_fdm.errors import DownloadFailed, StoreUnavailable
from pricing_fdm.model import Download
from pricing_fdm.uploads.private_folder import FILE_MODE, is_ours, make_private
from pricing_fdm.uploads.room import Measured, Room

_SCHEMES = ("file:///", "s3://", "gs://", "az://")
_PREFIX = "uploads"
_KEY_BYTES = 24
_KEY = re.compile(r"[0-9a-f]{48}")
_PIECE_BYTES = 1024 * 1024
_RETRY_AFTER_S = 10
# Pieces are gathered in memory until there is enough to write. obstore's own 5 MiB, up to twelve at
# once, made 80 uploads take 380 MB. S3 takes no part below 5 MiB but the last.
_FOLDER_PART_BYTES = 256 * 1024
_REMOTE_PART_BYTES = 5 * 1024 * 1024
_UNFINISHED = re.compile(r"[0-9a-f]{48}#\d+")

Release = Callable[[Sequence[str]], Awaitable[Sequence[str]]]
"""Says which uploads nobody needs; see `UploadStore.sweep`."""


class UploadStore:
    """Uploaded models, each under a key.

    Args:
        url: `file:///folder`, `s3://bucket/prefix`, `gs://...` or `az://...`. Credentials and
            endpoint of a remote one come from the environment, as its own tools read them. A
            function is asked for it when the store is used first.
        ttl_s: Seconds after which an upload may be removed, if nobody needs it.
        max_bytes: Of all uploads together. A folder takes at most half of the room on its disk:
            the other half is for quotes.

    Raises:
        ValueError: No such kind of store, the folder cannot be made, or it is somebody else's.
    """

    def __init__(self, url: str | Callable[[], str], *, ttl_s: float, max_bytes: int) -> None:
        self._url = url
        if isinstance(url, str):
            self._store = open_store(url, _PREFIX)
        self._ttl_s = ttl_s
        self._max_bytes = max_bytes
        self._room = Room(self._measure)

    @functools.cached_property
    def _store(self) -> ObjectStore:
        return open_store(self._url if isinstance(self._url, str) else self._url(), _PREFIX)

    @property
    def _folder(self) -> Path | None:
        return self._store.prefix if isinstance(self._store, LocalStore) else None

    @property
    def taken_bytes(self) -> float:
        """What the store holds, as far as this process knows; NaN before the first upload."""
        return self._room.taken_bytes

    async def require_room(self, size_bytes: int) -> None:
        """Returns when an upload of this size would be taken.

        Raises:
            StoreFull: It would not.
            StoreUnavailable: The store does not answer now.
        """
        await self._room.require(size_bytes)

    async def put(self, pieces: AsyncIterator[bytes]) -> str:
        """Stores what `pieces` brings and returns its key.

        Whatever `pieces` raises comes out again, and nothing is stored.

        Raises:
            StoreFull: There is no room for it.
            StoreUnavailable: The store does not take it now.
        """
        key = secrets.token_hex(_KEY_BYTES)
        part_bytes = _FOLDER_PART_BYTES if self._folder else _REMOTE_PART_BYTES
        with _translated(), self._room.upload(pieces) as counted:
            await obstore.put_async(
                self._store, _path(key), counted, chunk_size=part_bytes, max_concurrency=1
            )
        if self._folder is not None:
            (self._folder / _path(key)).chmod(FILE_MODE)
        return key

    async def holds(self, key: str) -> bool:
        """Whether there is an upload of this key.

        Raises:
            StoreUnavailable: The store does not answer now.
        """
        if not _KEY.fullmatch(key):
            return False
        try:
            with _translated():
                await obstore.head_async(self._store, _path(key))
        except FileNotFoundError:
            return False
        return True

    async def fetch(self, key: str, destination: Path) -> Download:
        """Copies an upload into `destination`, which must not exist yet.

        Raises:
            DownloadFailed: There is no such upload (any more).
            StoreUnavailable: The store does not give it now.
            OSError: It cannot be written.
        """
        digest, size_bytes = hashlib.sha256(), 0
        try:
            with _translated():
                found = await obstore.get_async(self._store, _path(key))
                with destination.open("xb") as file:
                    async for piece in found.stream(min_chunk_size=_PIECE_BYTES):
                        size_bytes += len(piece)
                        digest.update(piece)
                        file.write(piece)
        except FileNotFoundError as error:
            raise DownloadFailed(
                "Failed to download the model: the upload has expired. Upload it again.",
                outcome="upload_gone",
            ) from error
        return Download(destination, size_bytes, digest.hexdigest())

    async def delete(self, key: str) -> None:
        """Removes an upload; one that is gone already is no error.

        Raises:
            StoreUnavailable: The store does not answer now.
        """
        with _translated(), contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._store, _path(key))

    async def sweep(self, release: Release) -> int:
        """Removes uploads older than their time that nobody needs, and returns how many.

        Args:
            release: Takes keys and returns those that no job needs or will need.

        Raises:
            StoreUnavailable: The store does not answer now.
        """
        if "_store" not in vars(self):  # not used yet
            return 0
        removed = 0
        oldest = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=self._ttl_s)
        with _translated():
            async for listed in obstore.list(self._store, prefix=_PREFIX):
                old = [found["path"] for found in listed if found["last_modified"] < oldest]
                names = [path.removeprefix(_path("")) for path in old]
                keys = list(filter(_KEY.fullmatch, names))  # anything else is not ours
                for key in await release(keys) if keys else ():
                    await self.delete(key)
                    removed += 1
        if self._folder is None:
            return removed
        folder = self._folder / _PREFIX
        sweep = functools.partial(sweep_unfinished, folder, _UNFINISHED, self._ttl_s)
        return removed + await asyncio.to_thread(sweep)

    async def _measure(self) -> Measured:
        taken_bytes = 0
        with _translated():
            async for listed in obstore.list(self._store, prefix=_PREFIX):
                taken_bytes += sum(found["size"] for found in listed)
        if self._folder is None:
            return Measured(taken_bytes, self._max_bytes)
        free_bytes = shutil.disk_usage(self._folder).free
        return Measured(taken_bytes, min(self._max_bytes, (taken_bytes + free_bytes) // 2))


def sweep_unfinished(folder: Path, named: re.Pattern[str], older_than_s: float) -> int:
    """Removes files that a killed process was writing, and returns how many.

    obstore gives such a file the final name with `#` and a number, and does not list it.

    Args:
        folder: Where they are.
        named: What they may be called.
        older_than_s: Younger ones may still be written.
    """
    removed, oldest = 0, time.time() - older_than_s
    for path in folder.rglob("*#*"):
        with contextlib.suppress(FileNotFoundError):  # others write and sweep, too
            found = path.lstat()
            if named.fullmatch(path.name) and is_ours(found) and found.st_mtime < oldest:
                path.unlink()
                removed += 1
    return removed


def open_store(url: str, prefix: str, **options: Any) -> ObjectStore:  # noqa: ANN401 - the library's
    """Opens a store.

    Args:
        url: As for `UploadStore`.
        prefix: Of the keys; in a folder, an inner one which is made.
        options: The library's, for a remote store.

    Raises:
        ValueError: As `UploadStore`.
    """
    if not url.startswith(_SCHEMES):
        raise ValueError(f"must begin with {', '.join(_SCHEMES)}")
    if url.startswith(_SCHEMES[0]):
        _make_private(Path(unquote(urlsplit(url).path)), prefix)
        options = {}
    try:
        return from_url(url, **options)
    except (BaseError, OSError, ValueError) as error:
        # The library's text may quote the URL, which may hold a password.
        raise ValueError("is not the URL of a store") from error


def _make_private(folder: Path, prefix: str) -> None:
    try:
        make_private(folder, prefix)
    except OSError as error:
        raise ValueError(f"{folder} cannot be made: {error.strerror}") from error


def _path(key: str) -> str:
    return f"{_PREFIX}/{key}"


@contextmanager
def _translated() -> Iterator[None]:
    """Turns the library's errors into ours; a missing object is Python's FileNotFoundError."""
    try:
        yield
    except BaseError as error:
        raise StoreUnavailable(
            "Uploads cannot be stored or read at the moment. Try again later.",
            retry_after_s=_RETRY_AFTER_S,
            log_detail=f"{type(error).__name__}: {str(error).partition(chr(10))[0]}",
        ) from error

"""Small objects by name, in a folder or in an object store: each is there whole, or not at all.

All lie in one folder: `private_folder` takes any other in it for somebody else's.

The methods wait for the disk or the network; call them in a thread.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore

from pricing_fdm.errors import ShopStoreMissing, StoreUnavailable
from pricing_fdm.uploads.store import open_store, sweep_unfinished

_RETRY_AFTER_S = 10
# A service asks at its start: it should say soon that the store does not answer. Options of the
# client, such as other timeouts, would take the place of all that the environment sets of them
# (AWS_ALLOW_HTTP, AWS_PROXY_URL).
_RETRY = {"max_retries": 2, "retry_timeout": dt.timedelta(seconds=10)}
_UNFINISHED = re.compile(r".+#\d+")
_UNFINISHED_AFTER_S = 3600.0


@dataclass(frozen=True, slots=True)
class Stored:
    """An object in the store.

    Attributes:
        name: Without the end that all of its kind have.
    """

    name: str
    stored_at: dt.datetime
    size_bytes: int


class SmallObjects:
    """Objects in one folder.

    Every method raises `StoreUnavailable` when the store does not answer, and those that write
    raise `ShopStoreMissing` when the folder cannot be written.

    Args:
        place: A folder, which is made when it is needed first; or the URL of an object store, as
            for uploads.
        prefix: The folder of all of them.

    Raises:
        ValueError: The URL names no store, or a folder that is somebody else's.
    """

    def __init__(self, place: Path | str, prefix: str) -> None:
        self._folder = place if isinstance(place, Path) else None
        self._prefix = prefix
        if isinstance(place, str):
            self._remote = open_store(place, prefix, retry_config=_RETRY)

    def get(self, name: str) -> bytes | None:
        """The content of an object; None: there is none."""
        with contextlib.suppress(FileNotFoundError), translated():
            if store := self._for_reading():
                return bytes(obstore.get(store, self._path(name)).bytes())
        return None

    def put(self, name: str, content: bytes) -> None:
        """Stores an object, in one step; one that is there already goes."""
        with translated():
            obstore.put(self._for_writing(), self._path(name), content)

    def has(self, name: str) -> bool:
        """Whether there is an object."""
        with contextlib.suppress(FileNotFoundError), translated():
            if store := self._for_reading():
                obstore.head(store, self._path(name))
                return True
        return False

    def delete(self, name: str) -> None:
        """Removes an object; one that is gone already is no error."""
        with contextlib.suppress(FileNotFoundError), translated():
            obstore.delete(self._for_writing(), self._path(name))

    def listed(self, end: str) -> list[Stored]:
        """All objects whose names end so, the newest first."""
        with translated():
            store = self._for_reading()
            listed = obstore.list(store, prefix=self._prefix) if store else ()
            found = [each for page in listed for each in page]
        stored = [
            Stored(name.removesuffix(end), each["last_modified"], each["size"])
            for each in found
            if (name := each["path"].removeprefix(self._path(""))).endswith(end)
        ]
        return sorted(stored, key=lambda each: each.stored_at, reverse=True)

    def sweep_unfinished(self) -> None:
        """Removes what a process that was killed had begun to write."""
        store = self._for_reading()
        if isinstance(store, LocalStore) and store.prefix:
            sweep_unfinished(store.prefix / self._prefix, _UNFINISHED, _UNFINISHED_AFTER_S)

    def _path(self, name: str) -> str:
        return f"{self._prefix}/{name}"

    def _for_reading(self) -> ObjectStore | None:
        """None where nothing has been stored yet."""
        if self._folder is None:
            return self._remote
        return LocalStore(self._folder) if self._folder.is_dir() else None

    def _for_writing(self) -> ObjectStore:
        if self._folder is None:
            return self._remote
        try:
            self._folder.mkdir(exist_ok=True)
        except OSError as error:
            raise ShopStoreMissing(
                "Versions cannot be kept: the shop's folder cannot be written. With "
                "SHOP_VERSIONS=store they are kept in the object store.",
                log_detail=str(error),
            ) from error
        return LocalStore(self._folder)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turns the library's errors into ours; a missing object is Python's FileNotFoundError."""
    try:
        yield
    except (BaseError, PermissionError, ValueError, TypeError) as error:
        raise StoreUnavailable(
            "Versions of the shop cannot be stored or read at the moment. Try again later.",
            retry_after_s=_RETRY_AFTER_S,
            log_detail=f"{type(error).__name__}: {str(error).partition(chr(10))[0]}",
        ) from error

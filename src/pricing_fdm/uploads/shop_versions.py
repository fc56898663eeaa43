"""The store of the shop's versions: each a file of its own that never changes, and which is active.

Beside them lie the profiles that versions were made with, each as it was taken in last.

A version is named by the hash over its files, so whoever reads one can tell that it is whole. Which
one is active is one small file, replaced in one step: a process that is killed while it activates
a version leaves the old one active, or the new one.

The methods wait for the disk or the network; call them in a thread.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore

from pricing_fdm.errors import (
    ProfileNotFound,
    ShopStoreMissing,
    ShopVersionNotFound,
    StoreUnavailable,
)
from pricing_fdm.uploads.store import open_store

_PREFIX = "shops"
_SUFFIX = ".zip"
_RECORD = ".record"  # nothing that a look at the shop's folder takes for a preset
_VERSION = re.compile(r"[0-9a-f]{16}")
PROFILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""What a profile may be called."""

_RETRY_AFTER_S = 10
# A service asks at its start: it should say soon that the store does not answer.
_CLIENT = {"timeout": "5s", "connect_timeout": "2s"}
_RETRY = {"max_retries": 2, "retry_timeout": dt.timedelta(seconds=10)}


@dataclass(frozen=True, slots=True)
class Activation:
    """Which version is active.

    Attributes:
        version: Its name.
        folder: Stands for what lay in the shop's folder then; the name of that as a version, where
            it is sound.
    """

    version: str
    folder: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A version, or a profile, in the store."""

    name: str
    stored_at: dt.datetime
    size_bytes: int


class VersionStore:
    """The versions of one shop.

    Args:
        place: A folder, which is made when it is needed first; or the URL of an object store, as
            for uploads.

    Raises:
        ValueError: The URL names no store, or a folder that is somebody else's.
    """

    def __init__(self, place: Path | str) -> None:
        self._folder = place if isinstance(place, Path) else None
        if isinstance(place, str):
            self._remote = open_store(place, _PREFIX, client_options=_CLIENT, retry_config=_RETRY)

    def put(self, version: str, archive: bytes) -> None:
        """Stores a version; one that is there already stays as it is.

        Raises:
            ShopStoreMissing: The folder cannot be written.
            StoreUnavailable: The store does not take it now.
        """
        with _translated():
            store = self._for_writing()
            try:
                obstore.head(store, _version_path(version))
            except FileNotFoundError:
                obstore.put(store, _version_path(version), archive)

    def get(self, version: str) -> bytes:
        """The archive of a version.

        Raises:
            ShopVersionNotFound: There is no such version.
            StoreUnavailable: The store does not give it now.
        """
        if _VERSION.fullmatch(version):
            with contextlib.suppress(FileNotFoundError), _translated():
                if store := self._for_reading():
                    return bytes(obstore.get(store, _version_path(version)).bytes())
        raise ShopVersionNotFound("There is no such version of the shop.")

    def versions(self) -> list[Stored]:
        """All versions, the newest first.

        Raises:
            StoreUnavailable: The store does not answer now.
        """
        return self._listed(_PREFIX, _SUFFIX)

    def put_profile(self, name: str, record: bytes) -> None:
        """Keeps a profile; one of the same name goes.

        Raises:
            ShopStoreMissing, StoreUnavailable: As `put`.
        """
        with _translated():
            obstore.put(self._for_writing(), _profile_path(name), record)

    def profile(self, name: str) -> bytes:
        """A profile, as it was kept.

        Raises:
            ProfileNotFound: There is none of this name.
            StoreUnavailable: The store does not give it now.
        """
        if PROFILE_NAME.fullmatch(name):
            with contextlib.suppress(FileNotFoundError), _translated():
                if store := self._for_reading():
                    return bytes(obstore.get(store, _profile_path(name)).bytes())
        raise ProfileNotFound("No profile of this name was taken in.")

    def profiles(self) -> list[Stored]:
        """All profiles, the newest first.

        Raises:
            StoreUnavailable: The store does not answer now.
        """
        return self._listed(_PROFILES, _RECORD)

    def _listed(self, prefix: str, suffix: str) -> list[Stored]:
        with _translated():
            store = self._for_reading()
            listed = obstore.list(store, prefix=prefix) if store else ()
            found = [each for page in listed for each in page]
        stored = [
            Stored(name.removesuffix(suffix), each["last_modified"], each["size"])
            for each in found
            if (name := each["path"].removeprefix(f"{prefix}/")).endswith(suffix)
        ]
        return sorted(stored, key=lambda each: each.stored_at, reverse=True)

    def active(self) -> Activation | None:
        """Which version is active; None: none has ever been activated.

        Raises:
            StoreUnavailable: The store does not answer now.
        """
        with _translated():
            store = self._for_reading()
            if store is None:
                return None
            try:
                content = bytes(obstore.get(store, _ACTIVE).bytes())
            except FileNotFoundError:
                return None
            return Activation(**json.loads(content))

    def activate(self, activation: Activation) -> None:
        """Makes a version the active one, in one step.

        Raises:
            ShopStoreMissing: The folder cannot be written.
            StoreUnavailable: The store does not answer now.
        """
        with _translated():
            obstore.put(self._for_writing(), _ACTIVE, json.dumps(asdict(activation)).encode())

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


_ACTIVE = f"{_PREFIX}/active"
_PROFILES = f"{_PREFIX}/profiles"


def _profile_path(name: str) -> str:
    return f"{_PROFILES}/{name}{_RECORD}"


def _version_path(version: str) -> str:
    return f"{_PREFIX}/{version}{_SUFFIX}"


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turns the library's errors into ours; a missing object is Python's FileNotFoundError."""
    try:
        yield
    except (BaseError, PermissionError, ValueError, TypeError) as error:
        raise StoreUnavailable(
            "Versions of the shop cannot be stored or read at the moment. Try again later.",
            retry_after_s=_RETRY_AFTER_S,
            log_detail=f"{type(error).__name__}: {str(error).partition(chr(10))[0]}",
        ) from error

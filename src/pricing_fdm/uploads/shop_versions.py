"""The store of the shop's versions: each a file of its own that never changes, and which is active.

Beside them lie the profiles that versions were made with, each as it was taken in last.

A version is named by the hash over its files, so whoever reads one can tell that it is whole. Which
one is active is one small file, replaced in one step: a process that is killed while it activates
a version leaves the old one active, or the new one.

A version in force has a mark, an empty file that is written again every hour. So the age of the
mark says when a version was in force last, whichever processes there were.

The methods wait for the disk or the network; call them in a thread.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from pricing_fdm.errors import ProfileNotFound, ShopVersionNotFound
from pricing_fdm.uploads.small_objects import SmallObjects, Stored, translated

PROFILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""What a profile may be called."""

MARKED_EVERY_S = 3600.0
"""How often a version in force is marked again."""

_PREFIX = "shops"
_ACTIVE = "active"
_VERSION = re.compile(r"[0-9a-f]{16}")
# What is kept, by the ends of names; nothing that a look at the shop's folder takes for a preset.
_ARCHIVE = ".zip"
_PROFILE = ".record"
_IN_FORCE = ".in_force"
_MARK = re.compile(r"(?P<version>[0-9a-f]{16})\.(?P<valid_days>\d{1,5})")


@dataclass(frozen=True, slots=True)
class Activation:
    """Which version is active.

    Attributes:
        version: Its name.
        folder: Stands for what lay in the shop's folder then; the name of that as a version, where
            it is sound.
        before: The version that was in force before it.
    """

    version: str
    folder: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Keep:
    """Which versions stay, besides the active one and the one before it.

    Attributes:
        newest: So many that were stored last.
        needed_s: Those that were in force within this time, as jobs may wait for so long; or for as
            long as quotes that are made with the version hold, if that is longer.
    """

    newest: int
    needed_s: float


class VersionStore:
    """The versions of one shop.

    Every method raises `StoreUnavailable` when the store does not answer, and those that write
    raise `ShopStoreMissing` when the folder cannot be written.

    Args:
        place: A folder, which is made when it is needed first; or the URL of an object store, as
            for uploads.

    Raises:
        ValueError: The URL names no store, or a folder that is somebody else's.
    """

    def __init__(self, place: Path | str) -> None:
        self._objects = SmallObjects(place, _PREFIX)

    def put(self, version: str, archive: bytes) -> None:
        """Stores a version; it is the newest then, also if it was there already."""
        self._objects.put(version + _ARCHIVE, archive)

    def put_back(self, version: str, archive: bytes) -> None:
        """Stores a version, if it is not there."""
        if not self._objects.has(version + _ARCHIVE):
            self.put(version, archive)

    def get(self, version: str) -> bytes:
        """The archive of a version.

        Raises:
            ShopVersionNotFound: There is no such version.
        """
        is_name = _VERSION.fullmatch(version)
        if not is_name or (archive := self._objects.get(version + _ARCHIVE)) is None:
            raise _no_such_version()
        return archive

    def versions(self) -> list[Stored]:
        """All versions, the newest first."""
        return [each for each in self._objects.listed(_ARCHIVE) if _VERSION.fullmatch(each.name)]

    def mark(self, version: str, valid_days: int) -> None:
        """Notes that a version is in force now.

        Args:
            version: Its name.
            valid_days: For which quotes that are made with it hold.

        Raises:
            ShopVersionNotFound: There is no such version.
        """
        if not _VERSION.fullmatch(version) or not self._objects.has(version + _ARCHIVE):
            raise _no_such_version()
        self._objects.put(f"{version}.{valid_days}{_IN_FORCE}", b"")

    def prune(self, keep: Keep, now: dt.datetime) -> list[str]:
        """Removes the versions that nobody needs, and returns their names."""
        self._objects.sweep_unfinished()
        # In this order: what is activated meanwhile was marked before that.
        stored, active = self.versions(), self.active()
        needed = {each.name for each in stored[: keep.newest]}
        needed |= {active.version, active.before} if active else set()
        for each in self._objects.listed(_IN_FORCE):
            if mark := _MARK.fullmatch(each.name):
                valid_s = float(mark["valid_days"]) * 86_400
                needed_s = max(valid_s, keep.needed_s) + MARKED_EVERY_S
                if (now - each.stored_at).total_seconds() < needed_s:
                    needed.add(mark["version"])
                else:
                    self._objects.delete(each.name + _IN_FORCE)
        gone = [each.name for each in stored if each.name not in needed]
        for name in gone:
            self._objects.delete(name + _ARCHIVE)
        return gone

    def put_profile(self, name: str, record: bytes) -> None:
        """Keeps a profile; one of the same name goes."""
        self._objects.put(name + _PROFILE, record)

    def profile(self, name: str) -> bytes:
        """A profile, as it was kept.

        Raises:
            ProfileNotFound: There is none of this name.
        """
        is_name = PROFILE_NAME.fullmatch(name)
        if not is_name or (record := self._objects.get(name + _PROFILE)) is None:
            raise ProfileNotFound("No profile of this name was taken in.")
        return record

    def profiles(self) -> list[Stored]:
        """All profiles, the newest first."""
        return self._objects.listed(_PROFILE)

    def active(self) -> Activation | None:
        """Which version is active; None: none has ever been activated."""
        content = self._objects.get(_ACTIVE)
        if content is None:
            return None
        with translated():
            return Activation(**json.loads(content))

    def activate(self, activation: Activation) -> None:
        """Makes a version the active one, in one step."""
        self._objects.put(_ACTIVE, json.dumps(asdict(activation)).encode())


def _no_such_version() -> ShopVersionNotFound:
    return ShopVersionNotFound("There is no such version of the shop.")

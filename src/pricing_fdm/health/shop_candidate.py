"""A shop that might be put in force, and what makes one: a shop file, or a file of a slicer's."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from typing import Protocol

from pricing_fdm.health.shop_reload import ShopState
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.contents import Contents


@dataclass(frozen=True, slots=True)
class Profile:
    """A file of a slicer's, whose presets a shop gets.

    Attributes:
        name: What it is called here.
        target: `printer`, `quality`, `material:ID`, or empty: as its presets say.
        version: The version of the shop that was made with it; empty before that.
        report: What became of its presets.
    """

    name: str
    content: bytes
    target: str
    version: str = ""
    report: tuple[str, ...] = ()

    def record(self) -> bytes:
        """As it is kept."""
        text = base64.b64encode(self.content).decode()
        return json.dumps({**asdict(self), "content": text}).encode()

    @classmethod
    def of_record(cls, record: bytes) -> Profile:
        """A profile that was kept."""
        values = json.loads(record)
        content, report = base64.b64decode(values["content"]), tuple(values["report"])
        return cls(**{**values, "content": content, "report": report})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A shop that was checked and tried, with its files.

    Attributes:
        report: What became of the presets of a profile.
    """

    state: ShopState
    contents: Contents
    report: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Its name in the store."""
        return self.state.shop.files_version


class Loader(Protocol):
    """Loads shops and tries their printers; raises `ShopError` for one that is faulty."""

    async def stored(self, version: str, old: ShopState, *, tried: bool = True) -> ShopState:
        """A stored version."""

    async def edited(self, text: bytes, old: ShopState) -> Candidate:
        """The shop in force with another shop file."""

    async def with_profile(self, profile: Profile, old: ShopState) -> Candidate:
        """The shop in force with the presets of a profile."""

    async def contents(self, shop: Shop) -> Contents:
        """The files of the shop in force."""

    async def folder_mark(self) -> str:
        """Stands for what lies in the shop's folder."""

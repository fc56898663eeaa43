"""The three presets that one slice is made with."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from pricing_fdm.slicers.presets.file import Profile

_HASH_LENGTH = 16


@dataclass(frozen=True)
class ChosenPresets:
    """A machine, a process and a filament preset, as they were read when the shop was loaded."""

    machine: Profile
    process: Profile
    filament: Profile

    @property
    def all(self) -> tuple[Profile, Profile, Profile]:
        """The three of them."""
        return self.machine, self.process, self.filament

    @cached_property
    def hash(self) -> str:
        """Identifies the content of the three: 16 hex digits of a SHA-256.

        It covers names and values; the order of keys and white space do not matter. It takes half a
        millisecond and is kept.
        """
        content = [{"kind": each.kind, "values": dict(each.values)} for each in self.all]
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:_HASH_LENGTH]

"""The three presets that one slice is made with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from pricing_fdm.slicers.presets.file import Profile, Value

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

    @property
    def values(self) -> dict[str, Value]:
        """All values of the three, under the files' own keys."""
        return {**self.machine.values, **self.filament.values, **self.process.values}

    def with_process_values(self, values: Mapping[str, str]) -> ChosenPresets:
        """The same presets with other values, under the file's own keys, in the process.

        A figure takes the percent sign of the value that it replaces.
        """
        if not values:
            return self
        alike = {key: value + self._sign(key, value) for key, value in values.items()}
        changed = MappingProxyType({**self.process.values, **alike})
        return replace(self, process=replace(self.process, values=changed))

    def _sign(self, key: str, value: str) -> str:
        stated = self.process.values.get(key, "")
        return "%" if str(stated).endswith("%") and not value.endswith("%") else ""

    @cached_property
    def hash(self) -> str:
        """Identifies the content of the three: 16 hex digits of a SHA-256.

        It covers names and values; the order of keys and white space do not matter. It takes half a
        millisecond and is kept.
        """
        content = [{"kind": each.kind, "values": dict(each.values)} for each in self.all]
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:_HASH_LENGTH]

"""The profiles of one slice, asked as one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pricing_fdm.slicers.presets.file import Profile, ProfileError


@dataclass(frozen=True, slots=True)
class Source:
    """Answers from the first of its profiles that states a key."""

    profiles: tuple[Profile, ...]

    def texts(self, key: str) -> tuple[str, ...]:
        """All elements of the value.

        Raises:
            ProfileError: No profile states it.
        """
        for profile in self.profiles:
            if found := profile.texts(key):
                return found
        raise ProfileError((f"{key} is missing; the two slicers assume different values.",))

    def text(self, key: str) -> str:
        """The value, or the first element of a list, which is all that one slot uses."""
        return self.texts(key)[0]

    def file_of(self, key: str) -> str:
        """The file that states `key`; where none does, all that could."""
        stating = [profile for profile in self.profiles if profile.texts(key)]
        return ", ".join(profile.path.name for profile in stating or self.profiles)

    def number(self, key: str, text: str | None = None) -> Decimal:
        """The value, or `text` as a part of it, as a number."""
        stated = self.text(key) if text is None else text
        try:
            return Decimal(stated)
        except InvalidOperation:
            raise ProfileError((f"{key} is {stated}, which is not a number.",)) from None

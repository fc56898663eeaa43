"""The presets of one slice, asked as one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.presets.file import Profile, as_number


@dataclass(frozen=True, slots=True)
class Source:
    """Answers from the first of its presets that states a key."""

    profiles: tuple[Profile, ...]

    def texts(self, key: str) -> tuple[str, ...]:
        """All elements of the value.

        Raises:
            ShopError: No preset states it.
        """
        for profile in self.profiles:
            if found := profile.texts(key):
                return found
        raise self.error(key, "is missing; the two slicers assume different values.")

    def text(self, key: str) -> str:
        """The value, or the first element of a list, which is all that one slot uses."""
        return self.texts(key)[0]

    def number(self, key: str, text: str | None = None) -> Decimal:
        """The value, or `text` as a part of it, as a number."""
        stated = self.text(key) if text is None else text
        number = as_number(stated)
        if number is None:
            raise self.error(key, f"is {stated}, which is not a number.")
        return number

    def error(self, key: str, message: str) -> ShopError:
        """What is wrong with a key, in the file that states it; else in all that could."""
        stating = [each for each in self.profiles if each.texts(key)] or list(self.profiles)
        files = ", ".join(dict.fromkeys(str(each.path) for each in stating))
        return ShopError((Fault(files, stating[0].own_key(key), None, message),))

"""Flattens a preset of a slicer's library: its own values over those of its parents.

Neither slicer's command line reads parents, so it is done here, and nothing is fetched. Libraries
are files like any other: a cycle, a missing parent or a chain without end is a named fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.presets.file import Value

_NUMBER = re.compile(r"-?[0-9.]+%?")
_NEVER_BELOW_ZERO = re.compile(
    r"(?<!fan_)speed|temperature$|_temp$|density|diameter|width|acceleration|jerk|layer_height"
)
_DEEPEST = 50
"""The slicers' own libraries are six deep."""


@dataclass(frozen=True, slots=True)
class RawPreset:
    """A preset as it stands in the library.

    Attributes:
        name: As the slicer calls it.
        file: Where it stands, for messages.
        parents: By name; a later one outweighs those before it.
        values: Its own.
    """

    name: str
    file: str
    parents: tuple[str, ...]
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class FlatPreset:
    """A preset with everything that it inherits.

    Attributes:
        name: As the slicer calls it.
        file: Where it stands.
        values: All of them.
        chain: The names of its parents, the nearest first.
    """

    name: str
    file: str
    values: Mapping[str, Value]
    chain: tuple[str, ...]


class Inheritance:
    """The presets of one kind in one library; each is flattened once, however many inherit it.

    Args:
        find: The preset of a name, flattened where it is another library's; None where there is
            none.
    """

    def __init__(self, find: Callable[[str], RawPreset | FlatPreset | None]) -> None:
        self._find = find
        self._flat: dict[str, FlatPreset] = {}

    def flattened(self, preset: RawPreset) -> FlatPreset:
        """The preset with its parents' values.

        Raises:
            ShopError: A parent is missing, inherits from itself, or has too many above it.
        """
        return self._flattened(preset, ())

    def _flattened(self, preset: RawPreset, heirs: tuple[str, ...]) -> FlatPreset:
        if preset.name in self._flat:
            return self._flat[preset.name]
        if preset.name in heirs:
            way = " > ".join((*heirs[heirs.index(preset.name) :], preset.name))
            raise _error(preset, f"inherits from itself: {way}.")
        if len(heirs) > _DEEPEST:
            raise _error(preset, f"is more than {_DEEPEST} parents above {heirs[0]}.")
        values: dict[str, Value] = {}
        chain: dict[str, None] = {}
        for name in preset.parents:
            parent = self._parent(name, preset)
            if isinstance(parent, RawPreset):
                parent = self._flattened(parent, (*heirs, preset.name))
            values |= parent.values
            chain |= dict.fromkeys((name, *parent.chain))
        values |= {k: v for k, v in preset.values.items() if not means_unset(k, v, values.get(k))}
        flat = FlatPreset(preset.name, preset.file, values, tuple(chain))
        self._flat[preset.name] = flat
        return flat

    def _parent(self, name: str, heir: RawPreset) -> RawPreset | FlatPreset:
        parent = self._find(name)
        if parent is None:
            raise _error(heir, f"inherits from {name}, which is not in the library.")
        return parent


def means_unset(key: str, value: Value, inherited: Value | None) -> bool:
    """Whether a value says that the parent's counts.

    `nil` does, except for a filament's own `filament_...`, where it means the machine's value. An
    empty value does where the parent has a number, and -1 where a negative number makes no sense:
    elsewhere -1 is a value, such as "automatic" for an angle or the speed of a fan.
    """
    if inherited is None:
        return False
    stated, before = _texts(value), next(iter(_texts(inherited)), "")
    if set(stated) == {"nil"}:
        return not key.startswith("filament_")
    if not any(stated):
        return _NUMBER.fullmatch(before) is not None
    return set(stated) == {"-1"} and _NEVER_BELOW_ZERO.search(key) is not None


def _texts(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _error(preset: RawPreset, message: str) -> ShopError:
    return ShopError((Fault(preset.file, preset.name, None, message),))

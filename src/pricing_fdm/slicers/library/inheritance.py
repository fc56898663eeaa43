"""Flattens a preset of a slicer's library: its own values over those of its parents.

Neither slicer's command line reads parents, so it is done here, and nothing is fetched. Libraries
are files like any other: a cycle, a missing parent or a chain without end is a named fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.presets.file import Value

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
        find: The preset of a name; None where there is none.
    """

    def __init__(self, find: Callable[[str], RawPreset | None]) -> None:
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
            parent = self._flattened(self._parent(name, preset), (*heirs, preset.name))
            values |= parent.values
            chain |= dict.fromkeys((name, *parent.chain))
        flat = FlatPreset(preset.name, preset.file, {**values, **preset.values}, tuple(chain))
        self._flat[preset.name] = flat
        return flat

    def _parent(self, name: str, heir: RawPreset) -> RawPreset:
        parent = self._find(name)
        if parent is None:
            raise _error(heir, f"inherits from {name}, which is not in the library.")
        return parent


def _error(preset: RawPreset, message: str) -> ShopError:
    return ShopError((Fault(preset.file, preset.name, None, message),))

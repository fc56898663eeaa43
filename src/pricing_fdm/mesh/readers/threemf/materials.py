"""How many materials a 3MF is made of: a quote is for one.

Materials and colours of the core and of the materials extension are properties, by group and index,
of objects and corners of triangles. Slicers number extruders instead: for an object or a volume in
their project file, and for parts of a triangle as a code that is painted on it.

    8     the whole triangle with extruder 2        0C    with extruder 3
    480A  split in three, with extruders 0 (that of its volume), 2 and 1; read from its end

Cost: O(n) in bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from pricing_fdm.mesh.readers.threemf.xml import Attributes, by_name

UNPAINTED = 0

_PAINT = ("paint_color", "mmu_segmentation")
_CORNERS = ["v1", "", "v2", "", "v3", ""]
_PROPERTIES = ("p1", "p2", "p3")
# What a whole piece of a triangle is painted with; digits that are not found here split one.
_STATE = re.compile(r"C.|[048]", re.DOTALL)
_FROM_EXTENDED = 3


@dataclass(frozen=True, slots=True)
class Materials:
    """Of what one mesh is made.

    Attributes:
        extruders: Painted on it; `UNPAINTED` where it is left to its volume.
        properties: Of its triangles, by group and index.
    """

    extruders: frozenset[int] = frozenset({UNPAINTED})
    properties: frozenset[tuple[str, str]] = frozenset()


ONE_MATERIAL = Materials()


@dataclass(slots=True)
class MaterialsBuilder:
    """Collects the materials of one object after the other.

    Attributes:
        groups: Ids of the property groups that are materials or colours.
    """

    groups: set[str] = field(default_factory=set)
    _own: tuple[str, str] = ("", "")
    _marks: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def add_group(self, attributes: Attributes) -> None:
        """Takes the start tag of a group of materials or colours."""
        self.groups.add(by_name(attributes).get("id", ""))

    def begin(self, values: dict[str, str]) -> None:
        """Starts with the next object, which has these attributes."""
        self._marks.clear()
        self._own = values.get("pid", ""), values.get("pindex", "0")

    def add(self, rows: Iterable[Attributes]) -> None:
        """Takes triangles with all their attributes."""
        self._marks.update(_marks(row) for row in rows if len(row) > len(_CORNERS))

    def finish(self, triangles: int) -> Materials:
        """The materials of this object, which has so many triangles."""
        painted = coloured = 0
        codes: set[str] = set()
        properties: set[tuple[str, str]] = set()
        for marks, count in self._marks.items():
            values = by_name(list(marks))
            paint = {value for name, value in values.items() if name.endswith(_PAINT)}
            painted += count * bool(paint)
            codes |= paint
            group = values.get("pid", self._own[0])
            indices = {(group, values[name]) for name in _PROPERTIES if name in values}
            if indices and group in self.groups:
                coloured += count
                properties |= indices
        if coloured < triangles and self._own[0] in self.groups:
            properties.add(self._own)
        states = {state for code in codes for state in _STATE.findall(code[::-1])}
        bare = {UNPAINTED} if painted < triangles or not triangles else set()
        return Materials(frozenset(map(_extruder, states)) | bare, frozenset(properties))


def _marks(row: Attributes) -> tuple[str, ...]:
    """The attributes of a triangle that are not its corners."""
    if row[: len(_CORNERS) : 2] == _CORNERS[::2]:
        return tuple(row[len(_CORNERS) :])
    pairs = zip(row[::2], row[1::2], strict=True)
    return tuple(text for pair in pairs if pair[0] not in _CORNERS for text in pair)


def count_materials(meshes: Iterable[Materials], extruders: Iterable[int]) -> int:
    """How many materials these meshes need.

    Args:
        meshes: All that are printed.
        extruders: Those of the volumes, for what is not painted.
    """
    painted: set[int] = set()
    properties: set[tuple[str, str]] = set()
    for mesh in meshes:
        painted |= mesh.extruders
        properties |= mesh.properties
    needed = painted - {UNPAINTED}
    if UNPAINTED in painted:
        needed.update(extruders)
    return max(len(needed), len(properties))


def _extruder(state: str) -> int:
    if state[0] != "C":
        return int(state, 16) // 4
    return _FROM_EXTENDED + int(state[1], 16) if state[1] in "0123456789ABCDEF" else UNPAINTED

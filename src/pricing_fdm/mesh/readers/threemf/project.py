"""Takes out what a slicer would not print of its project, and reads which extruders it would use.

PrusaSlicer joins the volumes of an object into one mesh and lists ranges of triangles; Bambu
Studio and OrcaSlicer give each volume an object of its own. Some volumes are modifiers or support
blockers: they say where another setting applies and are never printed, but as plain 3MF they would
be priced as solid plastic. A slicer cuts a negative volume out of the others; we do not, so we
refuse it. An object beside the plate is not printed either. The print settings of the project are
not read. Cura marks its helpers in the model itself, see `model`.

Cost: O(n) in triangles and remarks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

import numpy as np

from pricing_fdm.mesh.readers.threemf.budget import Budget, fault
from pricing_fdm.mesh.readers.threemf.contents import Contents
from pricing_fdm.mesh.readers.threemf.model import Object, Use
from pricing_fdm.mesh.readers.threemf.numbers import index
from pricing_fdm.mesh.readers.threemf.package import Package
from pricing_fdm.mesh.readers.threemf.xml import Attributes, Element, XmlWalk, by_name, required
from pricing_fdm.mesh.triangles import Flags

PROJECT_PARTS = (
    "Metadata/Slic3r_PE_model.config",
    "Metadata/SuperSlicer_model.config",
    "Metadata/model_settings.config",
)

_Volume = TypeVar("_Volume", int, tuple[int, int])
_AnyVolume: TypeAlias = int | tuple[int, int] | None

_NEGATIVE = frozenset({"NegativeVolume", "negative_part"})
_FIRST_EXTRUDER = 1
_HELPERS = frozenset(
    {"ParameterModifier", "SupportBlocker", "SupportEnforcer"}
    | {"modifier_part", "support_blocker", "support_enforcer"}
)


@dataclass(slots=True)
class _Remarks:
    """The remarks of a project about its volumes.

    Attributes:
        ranges: For each object its volumes by first and last triangle, and what kind each is.
        parts: For each object its components by id, and what kind of volume each is.
        plates: For each plate the copies on it: which object, and which of its items.
        extruders: For each object, those of its volumes, by the same names; `None` for its own.
    """

    ranges: dict[int, dict[tuple[int, int], str]] = field(default_factory=dict)
    parts: dict[int, dict[int, str]] = field(default_factory=dict)
    plates: list[set[tuple[int, int]]] = field(default_factory=list)
    extruders: dict[int, dict[_AnyVolume, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """What a slicer would print.

    Attributes:
        contents: Without what is left out.
        helpers: How many volumes are left out since they are no parts.
        items: How many would be printed, were they on the plate.
        beside: How many of them are left out since they lie beside it.
        plate_is_empty: None of them lies on it, so none is left out.
        extruders: Of the volumes, as numbered from 1.
    """

    contents: Contents
    helpers: int
    items: int
    beside: int
    plate_is_empty: bool
    extruders: frozenset[int]


def as_project(contents: Contents, package: Package, budget: Budget) -> Project:
    """Takes out what a slicer would not print.

    Raises:
        ModelInvalid: A negative volume, more than one plate, or remarks that cannot be read.
    """
    remarks = _read(package, budget)
    on_plate = _on_the_plate(contents, remarks)
    items = contents.items if on_plate is None else on_plate
    objects = dict(contents.objects)
    left_out = 0
    extruders: set[int] = set()
    for key in {use.key for use in items if use.printable} & objects.keys():
        if key.part == contents.root:
            extruders |= _extruders(key.object_id, remarks)
            objects[key], helpers = _without_helpers(objects[key], key.object_id, remarks)
            left_out += helpers
    return Project(
        replace(contents, objects=objects, items=items),
        left_out,
        sum(use.printable for use in contents.items),
        len(contents.items) - len(items),
        on_plate is None and bool(remarks.plates),
        frozenset(extruders),
    )


def _without_helpers(whole: Object, object_id: int, remarks: _Remarks) -> tuple[Object, int]:
    ranges = remarks.ranges.get(object_id, {})
    helpers = [triangles for triangles, kind in ranges.items() if _is_helper(kind)]
    keep = _outside(helpers, len(whole.faces))
    kinds = remarks.parts.get(object_id, {})
    components = tuple(
        use for use in whole.components if not _is_helper(kinds.get(use.key.object_id, ""))
    )
    left_out = len(helpers) + len(whole.components) - len(components)
    return replace(whole, faces=whole.faces[keep], components=components), left_out


def _extruders(object_id: int, remarks: _Remarks) -> set[int]:
    """Those of the printed volumes; a volume without one has that of the object."""
    stated = remarks.extruders.get(object_id, {})
    own = stated.get(None) or _FIRST_EXTRUDER
    ranges, parts = remarks.ranges.get(object_id, {}), remarks.parts.get(object_id, {})
    used = {stated.get(each) or own for each, kind in ranges.items() if kind not in _HELPERS}
    used |= {stated.get(each) or own for each, kind in parts.items() if kind not in _HELPERS}
    return used or {own}


def _outside(ranges: list[tuple[int, int]], count: int) -> Flags:
    """Which of so many triangles lie in none of the ranges; ranges may overlap."""
    bounds = np.array(ranges, dtype=np.int64).reshape(-1, 2)
    firsts = np.minimum(bounds[:, 0], count)
    ends = np.clip(bounds[:, 1] + 1, firsts, count)
    opened = np.bincount(firsts, minlength=count + 1) - np.bincount(ends, minlength=count + 1)
    outside: Flags = np.cumsum(opened)[:count] == 0
    return outside


def _is_helper(kind: str) -> bool:
    if kind in _NEGATIVE:
        raise fault(
            "is a slicer's project that cuts one volume out of another",
            "Export the finished part as STL.",
        )
    return kind in _HELPERS


def _on_the_plate(contents: Contents, remarks: _Remarks) -> tuple[Use, ...] | None:
    """The items without those beside the plate; None where no plate names any."""
    copies: Counter[int] = Counter()
    places = []
    for use in contents.items:
        places.append((use.key.object_id, copies[use.key.object_id]))
        copies[use.key.object_id] += 1
    together = list(zip(places, contents.items, strict=True))
    printed = {place for place, use in together if use.printable}
    plates = sum(not printed.isdisjoint(plate) for plate in remarks.plates)
    if plates > 1:
        raise fault(
            f"is a slicer's project with parts on {plates:,} plates",
            "A quote is for one plate: save each of them as a file of its own.",
        )
    if not plates:
        return None
    lying: set[tuple[int, int]] = set().union(*remarks.plates)
    return tuple(use for place, use in together if place in lying or not use.printable)


def _read(package: Package, budget: Budget) -> _Remarks:
    reader = _Reader(budget)
    for name in filter(package.has, PROJECT_PARTS):
        XmlWalk(reader.grammar(), budget).read(package.chunks(name))
    return reader.remarks


class _Reader:
    """Reads the remarks of both dialects.

    config - object id - metadata key=extruder value
           |           - volume firstid lastid - metadata key=volume_type, extruder value
           |           - part id subtype - metadata key=extruder value
           - plate - model_instance - metadata key=object_id, instance_id value
    """

    def __init__(self, budget: Budget) -> None:
        self.remarks = _Remarks()
        self._budget = budget
        self._object_id = 0
        self._kind = ""
        self._range = (0, 0)
        self._copy = (0, 0)
        self._volume: _AnyVolume = None

    def grammar(self) -> Element:
        kind = Element(start=self._note_kind)
        volume = Element({"metadata": kind}, start=self._open_volume, end=self._close_volume)
        extruder = Element(start=self._note_extruder)
        part = Element({"metadata": extruder}, start=self._part, end=self._close_part)
        within = {"metadata": extruder, "volume": volume, "part": part}
        an_object = Element(within, start=self._object)
        placed = Element(start=self._place)
        copy = Element({"metadata": placed}, start=self._open_copy, end=self._close_copy)
        plate = Element({"model_instance": copy}, start=self._plate)
        return Element({"config": Element({"object": an_object, "plate": plate})})

    def _object(self, attributes: Attributes) -> None:
        self._object_id = index(required(by_name(attributes), "id"))

    def _open_volume(self, attributes: Attributes) -> None:
        self._budget.spend("places")
        values = by_name(attributes)
        self._range = index(required(values, "firstid")), index(required(values, "lastid"))
        self._volume = self._range
        self._kind = ""

    def _note_kind(self, attributes: Attributes) -> None:
        values = by_name(attributes)
        key, value = values.get("key"), values.get("value", "")
        if key == "volume_type":
            self._kind = value
        elif key == "modifier" and value == "1" and not self._kind:
            # The way of Slic3r before there were other kinds.
            self._kind = "ParameterModifier"
        self._note_extruder(attributes)

    def _note_extruder(self, attributes: Attributes) -> None:
        values = by_name(attributes)
        if values.get("key") == "extruder" and values.get("value", "").isdecimal():
            stated = self.remarks.extruders.setdefault(self._object_id, {})
            stated[self._volume] = index(values["value"])

    def _close_part(self) -> None:
        self._volume = None

    def _close_volume(self) -> None:
        self._volume = None
        _note(self.remarks.ranges.setdefault(self._object_id, {}), self._range, self._kind)

    def _part(self, attributes: Attributes) -> None:
        self._budget.spend("places")
        values = by_name(attributes)
        kinds = self.remarks.parts.setdefault(self._object_id, {})
        self._volume = part_id = index(required(values, "id"))
        _note(kinds, part_id, values.get("subtype", ""))

    def _plate(self, _attributes: Attributes) -> None:
        self._budget.spend("places")
        self.remarks.plates.append(set())

    def _open_copy(self, _attributes: Attributes) -> None:
        self._budget.spend("places")
        self._copy = (0, 0)

    def _place(self, attributes: Attributes) -> None:
        values = by_name(attributes)
        key = values.get("key")
        if key == "object_id":
            self._copy = (index(required(values, "value")), self._copy[1])
        elif key == "instance_id":
            self._copy = (self._copy[0], index(required(values, "value")))

    def _close_copy(self) -> None:
        self.remarks.plates[-1].add(self._copy)


def _note(kinds: dict[_Volume, str], volume: _Volume, kind: str) -> None:
    if kinds.setdefault(volume, kind) != kind:
        raise fault("is a slicer's project that contradicts itself about a volume")

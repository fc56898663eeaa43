"""Reads one 3D model part: its unit, its objects and what it says to build.

    model [unit] - resources - basematerials, colorgroup
                 |           - object - mesh - vertices - vertex
                 |                    |      - triangles - triangle
                 |                    - components - component
                 |                    - metadatagroup - metadata
                 - build - item

Elements and attributes that are not listed, those of other namespaces among them, are skipped; of
an object it is noted by which extensions that make shapes.

Cost: O(n) in bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pricing_fdm.mesh.readers.threemf.budget import Budget, fault
from pricing_fdm.mesh.readers.threemf.extensions import (
    CORE,
    MATERIALS,
    PRODUCTION,
    require_support,
    shape_extension,
)
from pricing_fdm.mesh.readers.threemf.materials import ONE_MATERIAL, Materials, MaterialsBuilder
from pricing_fdm.mesh.readers.threemf.mesh import MeshBuilder
from pricing_fdm.mesh.readers.threemf.numbers import index, matrix
from pricing_fdm.mesh.readers.threemf.package import part_name
from pricing_fdm.mesh.readers.threemf.xml import Attributes, Element, XmlWalk, by_name, required
from pricing_fdm.mesh.triangles import Faces, Reals

UNITS_MM = {
    "micron": 0.001,
    "millimeter": 1.0,
    "centimeter": 10.0,
    "inch": 25.4,
    "foot": 304.8,
    "meter": 1000.0,
}

CURA_HELPERS = frozenset(
    {"cura:infill_mesh", "cura:cutting_mesh", "cura:anti_overhang_mesh", "cura:support_mesh"}
)
"""Cura's names for objects that only say where another setting or support applies."""

_PATH = f"{PRODUCTION} path"
_TRUE = "true"
_OPENINGS = re.compile(rb"<(?:vertices|triangles)>")


@dataclass(frozen=True, slots=True)
class Key:
    """Which object: the part that it is defined in, and its id there."""

    part: str
    object_id: int


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """An object at a place: a component of another object, or an item of the build.

    Attributes:
        transform: (4, 3), as `numbers.matrix` gives it.
        printable: Not marked by a slicer as left out of the print.
    """

    key: Key
    transform: Reals
    printable: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Object:
    """A mesh, or a group of other objects.

    Attributes:
        solid: Of the type `model`: no support, bare surface or slicer's helper.
        vertices: (n, 3), in the unit of the part.
        faces: Indices of vertices.
        unread: Titles of the extensions that make more of its shape, or all.
    """

    solid: bool
    vertices: Reals
    faces: Faces
    components: tuple[Use, ...]
    unread: frozenset[str] = frozenset()
    materials: Materials = ONE_MATERIAL


@dataclass(frozen=True, slots=True)
class ModelPart:
    """One part, read."""

    unit_mm: float
    objects: dict[Key, Object]
    items: tuple[Use, ...]


def read_model_part(
    name: str, chunks: Iterable[bytes], budget: Budget, *, is_root: bool
) -> ModelPart:
    """Reads one part; only the root may refer to objects of other parts.

    Raises:
        ModelInvalid: Not as 3MF says, or more than the budget has.
    """
    reader = _Reader(name, budget, is_root=is_root)
    reader.walk.read(chunks)
    if reader.unit_mm is None:
        raise fault("holds a model part that does not begin as 3MF demands")
    return ModelPart(reader.unit_mm, reader.objects, tuple(reader.items))


class _Reader:
    """Collects the objects and items of one part."""

    def __init__(self, name: str, budget: Budget, *, is_root: bool) -> None:
        self.unit_mm: float | None = None
        self.objects: dict[Key, Object] = {}
        self.items: list[Use] = []
        self._name = name
        self._budget = budget
        self._is_root = is_root
        self._id = 0
        self._solid = True
        self._metadata = ""
        self._answer = ""
        self._components: list[Use] = []
        self._unread: set[str] = set()
        self._materials = MaterialsBuilder()
        self._mesh = MeshBuilder(budget, self._materials.add)
        self.walk = XmlWalk(self._grammar(), budget, _OPENINGS)

    def _grammar(self) -> Element:
        mesh = _core(vertices=self._mesh.vertices(), triangles=self._mesh.triangles())
        components = _core(component=Element(start=self._component))
        metadata = Element(start=self._open_metadata, text=self._add_text, end=self._close_metadata)
        parts = _core(
            mesh=Element(mesh, other=self._skip),
            components=Element(components),
            metadatagroup=Element(_core(metadata=metadata)),
        )
        resources = {
            f"{CORE} object": Element(
                parts, start=self._open_object, end=self._close_object, other=self._skip
            ),
            f"{CORE} basematerials": Element(start=self._materials.add_group),
            f"{MATERIALS} colorgroup": Element(start=self._materials.add_group),
        }
        items = _core(item=Element(start=self._item))
        sections = _core(resources=Element(resources), build=Element(items))
        return Element(_core(model=Element(sections, start=self._model)))

    def _model(self, attributes: Attributes) -> None:
        values = by_name(attributes)
        require_support(values.get("requiredextensions", ""), self.walk.namespaces)
        self.unit_mm = UNITS_MM.get(values.get("unit", "millimeter"))
        if self.unit_mm is None:
            raise fault("is written in a unit that 3MF does not know")

    def _open_object(self, attributes: Attributes) -> None:
        self._budget.spend("places")
        values = by_name(attributes)
        self._id = index(required(values, "id"))
        self._solid = values.get("type", "model") == "model"
        self._components = []
        self._unread.clear()
        self._materials.begin(values)
        self._mesh.begin()

    def _skip(self, element: str) -> None:
        if title := shape_extension(element):
            self._unread.add(title)

    def _close_object(self) -> None:
        key = Key(self._name, self._id)
        if key in self.objects:
            raise fault("gives two objects the same id")
        vertices, faces = self._mesh.finish()
        self.objects[key] = Object(
            self._solid,
            vertices,
            faces,
            tuple(self._components),
            frozenset(self._unread),
            self._materials.finish(len(faces)),
        )

    def _open_metadata(self, attributes: Attributes) -> None:
        self._metadata, self._answer = by_name(attributes).get("name", ""), ""

    def _add_text(self, text: str) -> None:
        self._answer = (self._answer + text)[: len(_TRUE)]

    def _close_metadata(self) -> None:
        if self._metadata in CURA_HELPERS and self._answer.lower() == _TRUE:
            self._solid = False

    def _component(self, attributes: Attributes) -> None:
        self._components.append(self._use(by_name(attributes)))

    def _item(self, attributes: Attributes) -> None:
        self.items.append(self._use(by_name(attributes)))

    def _use(self, values: dict[str, str]) -> Use:
        self._budget.spend("places")
        part = self._name
        if _PATH in values:
            if not self._is_root:
                raise fault("refers from one part to the next, which only its root may")
            part = part_name(values[_PATH])
        return Use(
            Key(part, index(required(values, "objectid"))),
            matrix(values.get("transform")),
            values.get("printable", "1") not in {"0", "false"},
        )


def _core(**children: Element) -> dict[str, Element]:
    """Children by name, in the namespace of the core."""
    return {f"{CORE} {name}": element for name, element in children.items()}

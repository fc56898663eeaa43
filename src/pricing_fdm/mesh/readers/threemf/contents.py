"""Finds the 3D model of a package: its root part and the parts that this one refers to.

`[Content_Types].xml` is not read: the relationships say which part is the root, and its own root
element says what a part is.

Cost: O(n) in bytes: each part is read once.
"""

from __future__ import annotations

from dataclasses import dataclass

from pricing_fdm.errors import ModelFormat
from pricing_fdm.mesh.readers.foreign import packed
from pricing_fdm.mesh.readers.threemf.budget import Budget, fault
from pricing_fdm.mesh.readers.threemf.model import Key, Object, Use, read_model_part
from pricing_fdm.mesh.readers.threemf.package import Package, part_name
from pricing_fdm.mesh.readers.threemf.xml import Attributes, Element, XmlWalk, by_name, required

RELATIONSHIPS = "_rels/.rels"
USUAL_ROOT = "3d/3dmodel.model"

_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MODEL_TYPE = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"


@dataclass(frozen=True, slots=True)
class Contents:
    """The 3D model of a package.

    Attributes:
        root: Name of the root part.
        items: What is to be built.
    """

    root: str
    unit_mm: float
    objects: dict[Key, Object]
    items: tuple[Use, ...]


def read_contents(package: Package, budget: Budget) -> Contents:
    """Reads the root part and every part that it refers to, each once.

    Raises:
        ModelFormat: The archive holds no 3D model.
        ModelInvalid: Not as 3MF says, or more than the budget has.
    """
    root = _root_name(package, budget)
    model = read_model_part(root, package.chunks(root), budget, is_root=True)
    objects = dict(model.objects)
    components = (use for part in model.objects.values() for use in part.components)
    others = {use.key.part for use in (*model.items, *components)} - {root}
    for name in sorted(others):
        part = read_model_part(name, package.chunks(name), budget, is_root=False)
        if part.unit_mm != model.unit_mm:
            raise fault("holds parts in different units")
        objects |= part.objects
    return Contents(root, model.unit_mm, objects, model.items)


def _root_name(package: Package, budget: Budget) -> str:
    targets = _model_targets(package, budget) if package.has(RELATIONSHIPS) else set()
    if len(targets) > 1:
        raise fault("names more than one part as its 3D model")
    if targets:
        return targets.pop()
    if not package.has(USUAL_ROOT):
        what, remedy = packed(package.names()) or (
            "a ZIP archive that is no 3MF: it holds no 3D model part",
            "Unpack it and send the model inside.",
        )
        raise ModelFormat(f"The file looks like {what}. {remedy}")
    return USUAL_ROOT


def _model_targets(package: Package, budget: Budget) -> set[str]:
    targets: set[str] = set()

    def relationship(attributes: Attributes) -> None:
        values = by_name(attributes)
        if values.get("Type") == _MODEL_TYPE:
            targets.add(part_name(required(values, "Target")))

    leaf = Element(start=relationship)
    every = Element({f"{_NAMESPACE} Relationship": leaf})
    document = Element({f"{_NAMESPACE} Relationships": every})
    XmlWalk(document, budget).read(package.chunks(RELATIONSHIPS))
    return targets

"""What a STEP file states: its solids, how often each is used, and its surface bodies.

    product definition -- shape representations -- solids, surface bodies
      |  next assembly usage                 |  mapped item
    product definition                     shape representation

OCCT leaves out a solid that it cannot convert and reports success, so the mesh is compared with
this. It also converts surface bodies, and the triangles that a file shows a solid by: those have no
volume of their own and are taken out of the file before. Where a file has no solid, its closed
shells stand for solids.

Cost: O(n) in bytes.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from pricing_fdm.mesh.step.entities import Entity, read_entities

Solids: TypeAlias = tuple[int, ...]
"""Of a product: how many faces each of its solids has."""

_BREPS = {"MANIFOLD_SOLID_BREP", "BREP_WITH_VOIDS", "FACETED_BREP"}
_TESSELLATED = {"TESSELLATED_SOLID", "TESSELLATED_SHELL"}
_NOT_CONVERTED = {
    *("CSG_SOLID", "SOLID_REPLICA", "EXTRUDED_AREA_SOLID", "REVOLVED_AREA_SOLID"),
    *("EXTRUDED_FACE_SOLID", "REVOLVED_FACE_SOLID", "SWEPT_DISK_SOLID"),
}
_SHELLS = {"CLOSED_SHELL", "OPEN_SHELL", "CONNECTED_FACE_SET"}
_ORIENTED = {"ORIENTED_CLOSED_SHELL", "ORIENTED_OPEN_SHELL"}
_CLOSED = {"CLOSED_SHELL", "ORIENTED_CLOSED_SHELL"}
_SURFACES = {"SHELL_BASED_SURFACE_MODEL", "FACE_BASED_SURFACE_MODEL", "GEOMETRIC_SET"}
_FACES = {"ADVANCED_FACE", "FACE_SURFACE"}
_DEFINITIONS = {"PRODUCT_DEFINITION", "PRODUCT_DEFINITION_WITH_ASSOCIATED_DOCUMENTS"}
_REPRESENTATIONS = {
    *("SHAPE_REPRESENTATION", "ADVANCED_BREP_SHAPE_REPRESENTATION"),
    *("FACETED_BREP_SHAPE_REPRESENTATION", "MANIFOLD_SURFACE_SHAPE_REPRESENTATION"),
    *("TESSELLATED_SHAPE_REPRESENTATION", "NON_MANIFOLD_SURFACE_SHAPE_REPRESENTATION"),
    "GEOMETRICALLY_BOUNDED_SURFACE_SHAPE_REPRESENTATION",
}
_LINKS = {
    *("PRODUCT_DEFINITION_SHAPE", "SHAPE_DEFINITION_REPRESENTATION", "MAPPED_ITEM"),
    *("SHAPE_REPRESENTATION_RELATIONSHIP", "REPRESENTATION_MAP", "NEXT_ASSEMBLY_USAGE_OCCURRENCE"),
}
_WANTED = {
    *(_BREPS | _TESSELLATED | _NOT_CONVERTED | _SHELLS | _ORIENTED | _SURFACES | _FACES),
    *(_DEFINITIONS | _REPRESENTATIONS | _LINKS),
}
_GAP = re.compile(rb"\(\s*,")


@dataclass(frozen=True, slots=True)
class Bodies:
    """What a STEP file states.

    Attributes:
        solids: For the solids of each product, how often the product is used.
        unreadable: How many solids are of a kind that OCCT does not convert, or have no shell.
        surfaces: How many surface bodies are left out.
        parts: How many products there are that hold no others, wherever they are used.
        empty: How many of them hold no body: it may be in another file, or damaged.
        content: The file without them.
    """

    solids: Counter[Solids]
    unreadable: int
    surfaces: int
    parts: int
    empty: int
    content: bytes

    @property
    def faces(self) -> int:
        """Of all solids, wherever they are used."""
        return sum(sum(solids) * times for solids, times in self.solids.items())


def stated_bodies(content: bytes) -> Bodies:
    """Reads which bodies the file holds."""
    return _Structure(content).bodies()


@dataclass(slots=True)
class _Product:
    """A product definition with the representations of its shape, or one of those by itself.

    Attributes:
        below: What it holds, each by name with the number of places.
        above: In how many places it is held.
    """

    shapes: set[int] = field(default_factory=set)
    is_product: bool = False
    below: Counter[int] = field(default_factory=Counter)
    above: int = 0


class _Structure:
    """The entities of one file, and what follows from them."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._entities = read_entities(content, _WANTED)
        self._by_type: dict[str, list[int]] = defaultdict(list)
        for number, entity in self._entities.items():
            for name in entity.types:
                self._by_type[name].append(number)
        self._joined: dict[int, int] = {}
        self._solids = {number: self._faces(number) for number in self._of(_BREPS)}
        self._solids |= self._tessellated("TESSELLATED_SOLID")
        if not self._solids:
            self._solids = self._closed_shells() | self._tessellated("TESSELLATED_SHELL")

    def bodies(self) -> Bodies:
        """What the file states."""
        solids: Counter[Solids] = Counter()
        surfaces: Counter[int] = Counter()
        unreached, unreadable = set(self._solids), 0
        parts = empty = 0
        for product, times in _used(self._products()):
            items = {item for each in product.shapes for item in self._references(each)}
            own = sorted(items & self._solids.keys())
            if own:
                solids[tuple(self._solids[number] for number in own)] += times
            unreached.difference_update(own)
            unreadable += sum(self._is(item, _NOT_CONVERTED) for item in items)
            sheets = {item: times for item in items if self._is_surface(item)}
            surfaces.update(sheets)
            if product.is_product and not product.below:
                parts += times
                empty += times * (not own and not sheets)
        solids.update((self._solids[number],) for number in unreached)
        unreadable += sum(0 in each for each in solids)
        count = sum(self._count(item) * times for item, times in surfaces.items())
        return Bodies(solids, unreadable, count, parts, empty, self._without(surfaces.keys()))

    def _of(self, types: set[str]) -> Iterator[int]:
        for name in sorted(types):
            yield from self._by_type[name]

    def _is(self, number: int, types: set[str]) -> bool:
        entity = self._entities.get(number)
        return entity is not None and not types.isdisjoint(entity.types)

    def _references(self, number: int) -> tuple[int, ...]:
        entity = self._entities.get(number)
        return entity.references if entity else ()

    def _faces(self, solid: int) -> int:
        """How many faces bound it; 0 if one of its shells is not in the file."""
        faces = 0
        for shell in self._references(solid):
            base = self._references(shell)[0] if self._is(shell, _ORIENTED) else shell
            if not self._is(base, _SHELLS):
                return 0
            faces += len(self._references(base))
        return faces

    def _closed_shells(self) -> dict[int, int]:
        """The surface models whose shells enclose something, as the file says."""
        return {
            number: self._faces(number)
            for number in self._of({"SHELL_BASED_SURFACE_MODEL"})
            if all(self._is(shell, _CLOSED) for shell in self._references(number))
        }

    def _tessellated(self, name: str) -> dict[int, int]:
        """Bodies of triangles that do not only show a body of surfaces."""
        return {
            number: len(self._references(number))
            for number in self._of({name})
            if not self._shows_another(number)
        }

    def _shows_another(self, tessellated: int) -> bool:
        return any(self._is(each, _BREPS | _SHELLS) for each in self._references(tessellated))

    def _is_surface(self, number: int) -> bool:
        return number not in self._solids and self._is(number, _SURFACES | _TESSELLATED | _FACES)

    def _count(self, surface: int) -> int:
        """How many surface bodies this is."""
        if self._is(surface, _TESSELLATED):
            return 0 if self._shows_another(surface) else 1
        if self._is(surface, {"SHELL_BASED_SURFACE_MODEL"}):
            return len(self._references(surface))
        return 1

    def _without(self, surfaces: Collection[int]) -> bytes:
        """The file, where no representation names these."""
        if not surfaces:
            return self._content
        numbers = b"|".join(b"%d" % number for number in surfaces)
        names = re.compile(rb"(?:,\s*)?#(?:" + numbers + rb")(?!\d)")
        pieces, at = [], 0
        for entity in self._representations():
            if not set(entity.references).isdisjoint(surfaces):
                arguments = names.sub(b"", self._content[entity.start : entity.end])
                pieces += [self._content[at : entity.start], _GAP.sub(b"(", arguments)]
                at = entity.end
        return b"".join([*pieces, self._content[at:]])

    def _representations(self) -> list[Entity]:
        numbers = set(self._of(_REPRESENTATIONS))
        return sorted((self._entities[number] for number in numbers), key=lambda each: each.start)

    def _products(self) -> dict[int, _Product]:
        self._join_shapes()
        products: dict[int, _Product] = defaultdict(_Product)
        for number in set(self._of(_REPRESENTATIONS)):
            products[self._name(number)].shapes.add(number)
        for number in self._of(_DEFINITIONS):
            products[self._name(number)].is_product = True
        for upper, lower in self._uses():
            products[self._name(upper)].below[self._name(lower)] += 1
            products[self._name(lower)].above += 1
        return products

    def _join_shapes(self) -> None:
        """Gives each product definition and all representations of its shape one name."""
        for number in self._of({"SHAPE_DEFINITION_REPRESENTATION"}):
            shape, *used = self._references(number)
            for definition in self._references(shape):
                if self._is(definition, _DEFINITIONS):
                    for representation in used:
                        self._join(definition, representation)
        for number in self._of({"SHAPE_REPRESENTATION_RELATIONSHIP"}):
            entity = self._entities[number]
            if len(entity.types) == 1:  # else it places one product in another
                self._join(*entity.references)

    def _join(self, first: int, second: int) -> None:
        self._joined[self._name(first)] = self._name(second)

    def _name(self, number: int) -> int:
        while (above := self._joined.get(number, number)) != number:
            self._joined[number] = number = self._joined.get(above, above)
        return number

    def _uses(self) -> Iterator[tuple[int, int]]:
        """Which product or representation holds which other, once for each place."""
        for number in self._of({"NEXT_ASSEMBLY_USAGE_OCCURRENCE"}):
            upper, lower = self._references(number)[:2]
            yield upper, lower
        for number in set(self._of(_REPRESENTATIONS)):
            for item in self._references(number):
                if self._is(item, {"MAPPED_ITEM"}):
                    source = self._references(item)[0]
                    yield from ((number, lower) for lower in self._references(source)[1:])


def _used(products: dict[int, _Product]) -> Iterator[tuple[_Product, int]]:
    """How often each product is used, from the assemblies down; none that holds itself."""
    times = {name: 1 for name, each in products.items() if each.is_product and not each.above}
    waiting = list(times)
    while waiting:
        name = waiting.pop()
        product = products[name]
        yield product, times[name]
        for lower, places in product.below.items():
            times[lower] = times.get(lower, 0) + times[name] * places
            products[lower].above -= places
            if not products[lower].above:
                waiting.append(lower)

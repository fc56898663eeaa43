"""Reads the entities of a STEP file that say which bodies there are and where they are used.

    #12=CLOSED_SHELL('a; b',(#13,#14));                  one type and its arguments
    #31=(REPRESENTATION('',(#1),#2) SHAPE_REPRESENTATION());    several types

Points, curves and surfaces, which are nearly all of a file, are passed over. Texts and comments may
hold anything, `;` and `#1` too.

Cost: O(n) in bytes, also where a text or a comment has no end.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_ENTITY = re.compile(
    rb"#(\d{1,18})\s*+=\s*+(\w*+)\s*+"
    rb"(\((?:[^;'/]++|'[^']*+(?:'|\Z)|/\*(?>.*?\*/|.*)|/)*+)(?:;|\Z)",
    re.DOTALL,
)
_TEXT = re.compile(rb"'[^']*+(?:'|\Z)|/\*(?>.*?\*/|.*)", re.DOTALL)
_TYPE = re.compile(rb"[A-Z]\w*(?=\s*\()")
_REFERENCE = re.compile(rb"#(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity.

    Attributes:
        types: One, or all of which it consists.
        references: The numbers of the entities that it names, in their order.
        start: Where its arguments begin in the file.
        end: Where they end.
    """

    types: tuple[str, ...]
    references: tuple[int, ...]
    start: int
    end: int


def read_entities(content: bytes, wanted: Collection[str]) -> dict[int, Entity]:
    """All entities of which a type is `wanted`, by number."""
    names = {name.encode() for name in wanted}
    found: dict[int, Entity] = {}
    for match in _ENTITY.finditer(content):
        number, name, arguments = match.groups()
        types = [name] if name else _TYPE.findall(_TEXT.sub(b"", arguments))
        if names.isdisjoint(types):
            continue
        references = _REFERENCE.findall(_TEXT.sub(b"", arguments))
        found[int(number)] = Entity(
            tuple(name.decode() for name in types),
            tuple(map(int, references)),
            match.start(3),
            match.end(3),
        )
    return found

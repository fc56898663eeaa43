"""What is wrong in a shop file, and where."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError

from pricing_fdm.shop.lines import KeyPath

Schema: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, or, as a warning, probably not meant.

    Attributes:
        key: Where in the file, such as `materials[pla].colours[gold].hex`; empty: the whole file.
        line: From 1; None where there is none.
        message: What is wrong, and what is allowed.
    """

    file: str
    key: str
    line: int | None
    message: str

    def __str__(self) -> str:
        """As a compiler says it."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(filter(None, (place, self.key, self.message)))


class ShopError(ValueError):
    """The shop cannot be used.

    Attributes:
        faults: All of them.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class FaultPlaces:
    """Turns the place of a fault in the document into a key and a line.

    Attributes:
        document: The file's content.
        lines: The line of each key.
    """

    file: str
    document: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    def fault(self, path: KeyPath, message: str) -> Fault:
        """A fault at this place; of a key that is missing, the line of its table."""
        known = next(
            (path[:end] for end in range(len(path), 0, -1) if path[:end] in self.lines), ()
        )
        return Fault(self.file, self._shown(path), self.lines.get(known), message)

    def _shown(self, path: KeyPath) -> str:
        node: Any = self.document
        shown = ""
        for step in path:
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                node = None
            if isinstance(step, str):
                shown += f".{step}" if shown else step
            else:
                named = node.get("id") if isinstance(node, dict) else None
                shown += f"[{named if isinstance(named, str) else step + 1}]"
        return shown


def validation_faults(
    error: ValidationError, model: type[BaseModel], tags: frozenset[str]
) -> Iterable[tuple[KeyPath, str]]:
    """Place and message of everything that pydantic found.

    Args:
        error: What it raised.
        model: What it validated.
        tags: Names that it puts into places and that are no keys.
    """
    everything = error.errors(include_url=False, include_input=False)
    inner = {found["loc"][:end] for found in everything for end in range(len(found["loc"]))}
    for found in everything:
        path = tuple(step for step in found["loc"] if step not in tags)
        match found["type"]:
            case "too_short" if found["loc"] in inner:
                continue  # without the elements that are faulty themselves
            case "extra_forbidden":
                yield path, _unknown_key(model.model_json_schema(), path)
            case "missing":
                yield path, "is missing"
            case _:
                yield path, found["msg"].removeprefix("Value error, ")


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence's end that says what is known, the likeliest first."""
    names = list(known)
    alike = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if alike:
        return f"did you mean {alike[0]}?"
    return f"there is {', '.join(names)}" if names else "there is none"


def _unknown_key(schema: Schema, path: KeyPath) -> str:
    """Says where the key belongs, or which known one is most like it."""
    table = schema
    for step in path[:-1]:
        table = _inside(schema, table, step)
    key = str(path[-1])
    tops = schema["properties"]
    if key in tops:
        return "there is no such key here; it stands at the top of the file"
    for name, top in tops.items():
        if key in _resolved(schema, top).get("properties", ()):
            return f"there is no such key here; it stands in [{name}]"
    return f"there is no such key; {nearest(key, table['properties'])}"


def _inside(schema: Schema, table: Schema, step: str | int) -> Schema:
    """The schema of what a table holds under a key, or an array at a position."""
    if isinstance(step, int):
        return _resolved(schema, table["items"])
    of_key = table.get("properties", {}).get(step) or table["additionalProperties"]
    return _resolved(schema, of_key)


def _resolved(schema: Schema, node: Schema) -> Schema:
    """The schema that a reference names; of several possible ones, the table."""
    for each in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        if "$ref" in each:
            return _resolved(schema, each)
    if "$ref" in node:
        return _resolved(schema, schema["$defs"][node["$ref"].rpartition("/")[2]])
    return node

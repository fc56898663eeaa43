"""Reads a preset of OrcaSlicer's strictly.

OrcaSlicer's command line drops what it does not understand and uses a built-in default: for a
number without quotes, a parent that is not resolved, a file without a name. Each of these would
change a price without any message, so each is a fault here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.presets.file import Profile, ProfileKind, Value

_PARENT = (
    "names a parent, which OrcaSlicer's command line never reads: "
    "copy the parent's keys into this file and take inherits out."
)
_ORIGINS = ("system", "User", "user")
_RESERVED_NAME = "project_settings"
_SHOWN_CHARACTERS = 20


def read_orca(path: Path, content: bytes, kind: ProfileKind) -> Profile:
    """Reads one file and checks it by itself.

    Raises:
        ShopError: It is no JSON object, or breaks OrcaSlicer's rules.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _error(path, f"is not JSON ({error}).") from error
    if not isinstance(document, dict):
        raise _error(path, "is not a JSON object.")
    values = {
        sys.intern(key): value
        for key, stated in document.items()
        if (value := _accepted(stated)) is not None
    }
    faults = (
        *((key, _ignored(stated)) for key, stated in document.items() if key not in values),
        *_header_faults(values, kind),
        *_content_faults(values),
    )
    if faults:
        raise ShopError(Fault(str(path), key, None, message) for key, message in faults)
    return Profile(kind, str(values["name"]), path, MappingProxyType(values))


def _error(path: Path, message: str) -> ShopError:
    return ShopError((Fault(str(path), "", None, message),))


def _accepted(stated: object) -> Value | None:
    """Text or a list of text; OrcaSlicer skips all else and uses its default."""
    if isinstance(stated, str):
        return sys.intern(stated)
    if isinstance(stated, list) and all(isinstance(element, str) for element in stated):
        return tuple(map(sys.intern, stated))
    return None


def _ignored(stated: object) -> str:
    return (
        f"is {_as_json(stated)}, which OrcaSlicer ignores: "
        "write every value and every element of a list in quotes, on and off as 1 and 0."
    )


def _as_json(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def _header_faults(values: Mapping[str, Value], kind: ProfileKind) -> Iterator[tuple[str, str]]:
    if values.get("type") != kind:
        yield "type", f'must be "{kind}".'
    name = values.get("name")
    if not isinstance(name, str) or name in ("", _RESERVED_NAME):
        yield "name", "is missing or reserved; OrcaSlicer would use none of this file."
    if kind is ProfileKind.MACHINE and values.get("from") != "system":
        yield (
            "from",
            "must be system; else OrcaSlicer looks for the machine's parent in the process.",
        )
    elif values.get("from") not in _ORIGINS:
        yield "from", f"must be {' or '.join(_ORIGINS)}."


def _content_faults(values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    if values.get("inherits"):
        yield "inherits", _PARENT
    if any(values.get("post_process", ())):
        yield "post_process", "names a program; a preset for pricing must not run anything."

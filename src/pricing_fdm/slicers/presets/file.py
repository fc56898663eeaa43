"""One profile file, read strictly.

OrcaSlicer's command line drops what it does not understand and uses a built-in default: for a
number without quotes, a parent that is not resolved, a file without a name. Each of these would
change a price without any message, so each is a fault here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

_ORIGINS = ("system", "User", "user")
_RESERVED_NAME = "project_settings"
_SHOWN_CHARACTERS = 20

Value = str | tuple[str, ...]


class ProfileKind(StrEnum):
    """What a profile describes; the value is OrcaSlicer's `type`."""

    MACHINE = "machine"
    PROCESS = "process"
    FILAMENT = "filament"


class ProfileError(ValueError):
    """The profiles cannot be used; `faults` has a sentence for each thing that is wrong."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Profile:
    """One flattened OrcaSlicer profile.

    Attributes:
        values: The whole file, header included: text as it stands, lists as tuples.
    """

    kind: ProfileKind
    name: str
    path: Path
    values: Mapping[str, Value]

    def text(self, key: str, default: str | None = None) -> str:
        """The value of `key`; of a list the first element, which is all that one slot uses.

        Raises:
            ProfileError: The profile does not state it, and there is no default.
        """
        first = next(iter(self.texts(key)), default)
        if first is None:
            raise ProfileError((f"{self.path.name}: {key} is missing.",))
        return first

    def texts(self, key: str) -> tuple[str, ...]:
        """All elements of a list; of a plain value itself; of a missing key none."""
        value = self.values.get(key, ())
        return (value,) if isinstance(value, str) else value


def read_profile(path: Path, kind: ProfileKind) -> Profile:
    """Reads one file and checks it by itself.

    Raises:
        ProfileError: The file is missing, is no JSON object, or breaks OrcaSlicer's rules.
    """
    document = _document(path)
    values = {
        key: value for key, stated in document.items() if (value := _accepted(stated)) is not None
    }
    faults = (
        *(_value_fault(key, stated) for key, stated in document.items() if key not in values),
        *_header_faults(values, kind),
        *_content_faults(values),
    )
    if faults:
        raise ProfileError(tuple(f"{path.name}: {fault}" for fault in faults))
    return Profile(kind, str(values["name"]), path, MappingProxyType(values))


def _document(path: Path) -> dict[str, object]:
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ProfileError((f"{path.name}: the file is missing.",)) from None
    except OSError as error:
        raise ProfileError((f"{path.name}: cannot be read ({error.strerror}).",)) from error
    except ValueError as error:
        raise ProfileError((f"{path.name}: is not JSON ({error}).",)) from error
    if not isinstance(document, dict):
        raise ProfileError((f"{path.name}: is not a JSON object.",))
    return document


def _accepted(stated: object) -> Value | None:
    """Text or a list of text; OrcaSlicer skips all else and uses its default."""
    if isinstance(stated, str):
        return stated
    if isinstance(stated, list) and all(isinstance(element, str) for element in stated):
        return tuple(stated)
    return None


def _value_fault(key: str, stated: object) -> str:
    return (
        f"{key} is {_as_json(stated)}, which OrcaSlicer ignores: "
        "write every value and every element of a list in quotes, on and off as 1 and 0."
    )


def _as_json(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def _header_faults(values: Mapping[str, Value], kind: ProfileKind) -> Iterator[str]:
    if values.get("type") != kind:
        yield f'type must be "{kind}".'
    name = values.get("name")
    if not isinstance(name, str) or name in ("", _RESERVED_NAME):
        yield "name is missing or reserved; OrcaSlicer would use none of this file."
    if kind is ProfileKind.MACHINE and values.get("from") != "system":
        yield "from must be system; else OrcaSlicer looks for the machine's parent in the process."
    elif values.get("from") not in _ORIGINS:
        yield f"from must be {' or '.join(_ORIGINS)}."


def _content_faults(values: Mapping[str, Value]) -> Iterator[str]:
    if values.get("inherits"):
        yield (
            "inherits names a parent, which OrcaSlicer's command line never reads: "
            "copy the parent's keys into this file and take inherits out."
        )
    if any(values.get("post_process", ())):
        yield "post_process names a program; a profile for pricing must not run anything."

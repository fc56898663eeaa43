"""index.json: which profile is in which file, and the SHA-256 that each file must have.

The hashes make a change of prices a decision: whoever edits a profile has to write the index too,
and a review shows both.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pricing_fdm.slicers.presets.file import ProfileError

INDEX = "index.json"
WRITE_COMMAND = "pricing-fdm profiles --write"

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._@+-]*\.json")
_PROCESS_FILES = {
    100: "process_fine.json",
    200: "process_standard.json",
    300: "process_economy.json",
}
_MATERIALS = ("pla", "abs", "petg", "abs-esd", "asa", "nylon", "pc", "tpu")


@dataclass(frozen=True, slots=True)
class Entry:
    """One profile in the index; `sha256` is of the file's bytes, lower-case hex."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Index:
    """The whole index; every layer thickness and every material has an entry."""

    machine: Entry
    processes: Mapping[int, Entry]
    filaments: Mapping[str, Entry]

    def entries(self) -> Iterator[Entry]:
        """All of them, the machine first."""
        yield self.machine
        yield from self.processes.values()
        yield from self.filaments.values()


def read_index(directory: Path) -> Index:
    """Reads `index.json`.

    Raises:
        ProfileError: It is missing, no JSON, or lacks an entry.
    """
    try:
        document = json.loads((directory / INDEX).read_bytes())
    except FileNotFoundError:
        raise ProfileError((f"{INDEX} is missing. Run: {WRITE_COMMAND}",)) from None
    except (OSError, ValueError) as error:
        raise ProfileError((f"{INDEX}: cannot be read ({error}).",)) from error
    faults: list[str] = []
    index = Index(
        machine=_entry(document, ("machine",), faults),
        processes=MappingProxyType(
            {
                thickness: _entry(document, ("processes", str(thickness)), faults)
                for thickness in _PROCESS_FILES
            }
        ),
        filaments=MappingProxyType(
            {material: _entry(document, ("filaments", material), faults) for material in _MATERIALS}
        ),
    )
    if faults:
        raise ProfileError(tuple(faults))
    return index


def write_index(directory: Path) -> tuple[str, ...]:
    """Writes the hashes of the files as they are now.

    File names come from the index that is there; without one they are the bundled names.

    Returns:
        The files whose hash is new or has changed.

    Raises:
        ProfileError: The index is damaged, or a file that it names is missing.
    """
    old = read_index(directory) if (directory / INDEX).exists() else _default_index()
    faults = [
        f"{entry.file}: the file is missing."
        for entry in old.entries()
        if not (directory / entry.file).is_file()
    ]
    if faults:
        raise ProfileError(tuple(faults))
    new = {entry.file: sha256_of(directory / entry.file) for entry in old.entries()}
    _write(directory / INDEX, old, new)
    return tuple(entry.file for entry in old.entries() if entry.sha256 != new[entry.file])


def sha256_of(path: Path) -> str:
    """Hash of the file's bytes, lower-case hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _entry(document: object, keys: tuple[str, ...], faults: list[str]) -> Entry:
    node = document
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    file = node.get("file") if isinstance(node, dict) else None
    if not (isinstance(node, dict) and isinstance(file, str) and _FILE_NAME.fullmatch(file)):
        faults.append(f"{INDEX}: {'.'.join(keys)} does not name a profile file.")
        return Entry("", "")
    return Entry(file, str(node.get("sha256", "")))


def _default_index() -> Index:
    return Index(
        machine=Entry("machine.json", ""),
        processes={thickness: Entry(file, "") for thickness, file in _PROCESS_FILES.items()},
        filaments={each: Entry(f"filament_{each}.json", "") for each in _MATERIALS},
    )


def _write(path: Path, index: Index, sha256: Mapping[str, str]) -> None:
    def stated(entry: Entry) -> dict[str, str]:
        return {"file": entry.file, "sha256": sha256[entry.file]}

    document = {
        "machine": stated(index.machine),
        "processes": {str(key): stated(each) for key, each in index.processes.items()},
        "filaments": {key: stated(each) for key, each in index.filaments.items()},
    }
    # Written to another file and renamed, so that a starting service never reads half of it.
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)

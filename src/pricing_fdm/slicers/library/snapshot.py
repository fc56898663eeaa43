"""A printer of a library as files for a shop's folder: flattened, and with nothing that acts.

A snapshot is ours from then on: an update of the slicer moves no price. Programs, hosts and
credentials are left out, since a preset for pricing must run nothing and reach nobody.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from pricing_fdm.slicers.library.inheritance import FlatPreset
from pricing_fdm.slicers.library.offer import PrinterOffer
from pricing_fdm.slicers.presets.file import PresetFormat, ProfileKind, Value

_ACTING = frozenset(
    {
        *(
            "post",
            "host",
            "printhost",
            "apikey",
            "cafile",
            "user",
            "password",
            "token",
            "octoprint",
        ),
        *("script", "scripts", "webui", "url", "credentials", "secret"),
    }
)
_NAME_KEYS = {
    ProfileKind.MACHINE: "printer_settings_id",
    ProfileKind.PROCESS: "print_settings_id",
    ProfileKind.FILAMENT: "filament_settings_id",
}
_HARMLESS = frozenset({"host_type"})
_LONGEST_NAME = 48
MANIFEST = "snapshot.json"


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """One flattened preset, to be written.

    Attributes:
        path: From the folder of the shop file.
        stripped: The keys that were left out, with a value.
    """

    kind: ProfileKind
    preset: FlatPreset
    path: PurePosixPath
    content: bytes
    stripped: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Of the content."""
        return hashlib.sha256(self.content).hexdigest()


def snapshot(offer: PrinterOffer, printer_id: str) -> list[SnapshotFile]:
    """The files of a printer: its machine, then its processes, then its filaments."""
    folder, taken = PurePosixPath("presets", printer_id), set[str]()
    files = []
    for kind, preset in offer.presets():
        stem = kind.value if kind is ProfileKind.MACHINE else f"{kind}-{slug(preset.name)}"
        name = next(each for each in _numbered(stem) if each not in taken)
        taken.add(name)
        kept, stripped = _without_acting(preset.values)
        text = _TEXTS[offer.printer.format](kind, preset, kept, offer.printer.name)
        path = folder / f"{name}{offer.printer.format}"
        files.append(SnapshotFile(kind, preset, path, text.encode(), stripped))
    return files


def manifest(offer: PrinterOffer, files: Iterable[SnapshotFile]) -> bytes:
    """Where the files come from, with their hashes."""
    content = {
        "printer": offer.printer.name,
        "vendor": offer.printer.vendor,
        "origin": offer.origin,
        "files": {
            each.path.name: {
                "name": each.preset.name,
                "inherits": each.preset.chain,
                "stripped": each.stripped,
                "sha256": each.sha256,
            }
            for each in files
        },
    }
    return (json.dumps(content, indent=2) + "\n").encode()


def slug(name: str) -> str:
    """A name as an id or a file name: small letters, digits, `.` and `-`."""
    text = re.sub(r"[^a-z0-9.]+", "-", name.lower())[:_LONGEST_NAME].strip("-.")
    return text or "preset"


def _numbered(stem: str) -> Iterable[str]:
    yield stem
    yield from (f"{stem}-{number}" for number in range(2, 10_000))


def _without_acting(values: Mapping[str, Value]) -> tuple[dict[str, Value], tuple[str, ...]]:
    acting = {key for key in values if _ACTING & {*key.split("_")} and key not in _HARMLESS}
    kept = {key: value for key, value in values.items() if key not in acting}
    return kept, tuple(sorted(key for key in acting if any(values[key])))


def _ini(kind: ProfileKind, preset: FlatPreset, values: Mapping[str, Value], _machine: str) -> str:
    name = f'"{preset.name}"' if kind is ProfileKind.FILAMENT else preset.name
    rows = {**values, _NAME_KEYS[kind]: name}
    return "".join(f"{key} = {rows[key]}\n" for key in sorted(rows))


def _json(kind: ProfileKind, preset: FlatPreset, values: Mapping[str, Value], machine: str) -> str:
    """As OrcaSlicer's command line takes it: of the system, and meant for this machine."""
    head = {"type": kind.value, "name": preset.name, "from": "system"}
    if kind is not ProfileKind.MACHINE:
        head |= {"compatible_printers": (machine,)}  # type: ignore[dict-item]
    content = {**head, **{key: values[key] for key in sorted(values) if key not in head}}
    return json.dumps(content, indent=4, ensure_ascii=False) + "\n"


_TEXTS = {PresetFormat.PRUSA: _ini, PresetFormat.ORCA: _json}

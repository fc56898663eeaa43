"""A printer of a library as files for a shop's folder: flattened, without programs and hosts.

The shop owns its snapshot: an update of the slicer changes no price. Programs, hosts and
credentials are left out, since a preset for pricing must run nothing and reach nobody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

from pricing_fdm.slicers.library.inheritance import FlatPreset
from pricing_fdm.slicers.library.matching import slug
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
NAME_KEYS = {
    ProfileKind.MACHINE: "printer_settings_id",
    ProfileKind.PROCESS: "print_settings_id",
    ProfileKind.FILAMENT: "filament_settings_id",
}
_HARMLESS = frozenset({"host_type"})
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


def snapshot(
    offer: PrinterOffer,
    printer_id: str,
    there: Callable[[PurePosixPath], bytes | None] = lambda _path: None,
    *,
    is_new: bool = True,
) -> list[SnapshotFile]:
    """The files of a printer: its machine, then its processes, then its filaments.

    Args:
        offer: The presets.
        printer_id: In the shop.
        there: The content of a file that the shop has; no file is given another content.
        is_new: Whether the machine is among them.
    """
    home = home_of(printer_id)
    taken = set[PurePosixPath]()
    files = []
    for kind, preset in islice(offer.presets(), 0 if is_new else 1, None):
        stem = kind.value if kind is ProfileKind.MACHINE else f"{kind}-{slug(preset.name)}"
        kept, stripped = _without_acting(preset.values)
        content = _TEXTS[offer.printer.format](kind, preset, kept, offer.printer.name).encode()
        paths = (home / f"{each}{offer.printer.format}" for each in _numbered(stem))
        path = next(each for each in paths if each not in taken and there(each) in {None, content})
        taken.add(path)
        files.append(SnapshotFile(kind, preset, path, content, stripped))
    return files


def manifest(
    offer: PrinterOffer, files: Iterable[SnapshotFile], known: bytes | None = None
) -> bytes:
    """Where the files come from, with their hashes.

    Args:
        offer: What was offered.
        files: What became of it.
        known: The manifest of the files that are there; None where there are none.
    """
    new = {
        each.path.name: {
            "name": each.preset.name,
            "inherits": each.preset.chain,
            "stripped": each.stripped,
            "sha256": each.sha256,
        }
        for each in files
    }
    if known is None:
        of_printer = {"printer": offer.printer.name, "vendor": offer.printer.vendor}
        content = {**of_printer, "origin": offer.origin, "files": new}
    else:
        content = json.loads(known)
        content["files"] |= {k: {"origin": offer.origin, **each} for k, each in new.items()}
    return (json.dumps(content, indent=2) + "\n").encode()


def home_of(printer_id: str) -> PurePosixPath:
    """The folder of a printer's presets, from the folder of the shop file."""
    return PurePosixPath("presets", printer_id)


def _numbered(stem: str) -> Iterable[str]:
    yield stem
    yield from (f"{stem}-{number}" for number in range(2, 10_000))


def _without_acting(values: Mapping[str, Value]) -> tuple[dict[str, Value], tuple[str, ...]]:
    acting = {key for key in values if _ACTING & {*key.split("_")} and key not in _HARMLESS}
    kept = {key: value for key, value in values.items() if key not in acting}
    return kept, tuple(sorted(key for key in acting if any(values[key])))


def _ini(kind: ProfileKind, preset: FlatPreset, values: Mapping[str, Value], _machine: str) -> str:
    name = f'"{preset.name}"' if kind is ProfileKind.FILAMENT else preset.name
    rows = {**values, NAME_KEYS[kind]: name}
    return "".join(f"{key} = {rows[key]}\n" for key in sorted(rows))


def _json(kind: ProfileKind, preset: FlatPreset, values: Mapping[str, Value], machine: str) -> str:
    """As OrcaSlicer's command line takes it: of the system, and meant for this machine."""
    head = {"type": kind.value, "name": preset.name, "from": "system"}
    if kind is not ProfileKind.MACHINE:
        head |= {"compatible_printers": (machine,)}  # type: ignore[dict-item]
    content = {**head, **{key: values[key] for key in sorted(values) if key not in head}}
    return json.dumps(content, indent=4, ensure_ascii=False) + "\n"


_TEXTS = {PresetFormat.PRUSA: _ini, PresetFormat.ORCA: _json}

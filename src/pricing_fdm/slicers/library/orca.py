"""OrcaSlicer's library: for each vendor an index, and a JSON file for each preset.

A file is read when it is asked for: the tree has ten thousand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import Any

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.files import read_file
from pricing_fdm.slicers.library.inheritance import FlatPreset, Inheritance, RawPreset
from pricing_fdm.slicers.library.matching import default_first, is_meant_for, named_by_vendor
from pricing_fdm.slicers.library.offer import (
    LibraryPrinter,
    PrinterOffer,
    VendorLibrary,
    bed_in_words,
)
from pricing_fdm.slicers.presets.conditions import ConditionError
from pricing_fdm.slicers.presets.file import PresetFormat, ProfileKind, Value

SHARED = "OrcaFilamentLibrary"
"""The vendor whose filaments all others may offer and inherit."""

_LISTS = {kind: f"{kind}_list" for kind in ProfileKind}
_MODELS = "machine_model_list"
OF_THE_FILE = frozenset(
    {
        *("type", "name", "inherits", "from", "instantiation", "setting_id"),
        *("version", "is_custom_defined"),
    }
)
"""Keys that say what a file is and set nothing."""
ORCA_ASSUMED = {"printer_notes": "", "single_extruder_multi_material": "0"}
"""What conditions ask for, and not every printer states."""


class OrcaLibrary(VendorLibrary):
    """One vendor's presets.

    Args:
        index: The vendor's file beside its folder.
        shared: The library of filaments for all; None for that library itself.
    """

    format = PresetFormat.ORCA

    def __init__(self, index: Path, shared: OrcaLibrary | None = None) -> None:
        self.vendor = index.stem
        self._index_path = index
        self._shared = shared
        self._inheritance = {kind: Inheritance(partial(self.find, kind)) for kind in ProfileKind}
        self._files: dict[PurePosixPath, dict[str, Any]] = {}
        self._lists: dict[str, dict[str, PurePosixPath]] = {}
        self._ignored: dict[str, None] = {}

    def printers(self, remarks: list[str]) -> Iterator[LibraryPrinter]:
        """See `VendorLibrary.printers`."""
        for machine in self._all(ProfileKind.MACHINE, remarks):
            corners = _texts(machine.values.get("printable_area", ()))
            yield LibraryPrinter(
                machine.name,
                self.vendor,
                self.format,
                ",".join(_texts(machine.values.get("nozzle_diameter", "unknown"))),
                bed_in_words(corners, _first(machine.values, "printable_height")),
            )

    def offer(self, printer: LibraryPrinter, machine: FlatPreset | None = None) -> PrinterOffer:
        """See `VendorLibrary.offer`."""
        machine = machine or self.preset(ProfileKind.MACHINE, printer.name)
        assert machine is not None  # noqa: S101 - of its own list
        stated = {key: ",".join(_texts(value)) for key, value in machine.values.items()}
        settings = {**ORCA_ASSUMED, **stated}
        remarks: list[str] = []
        processes = [*self._meant_for(printer.name, settings, ProfileKind.PROCESS, remarks)]
        model = self._model(_first(machine.values, "printer_model"))
        named = [name.strip() for name in str(model.get("default_materials", "")).split(";")]
        filaments = self.filaments_for(printer.name, settings, remarks)
        process = _first(machine.values, "default_print_profile")
        filament = _first(machine.values, "default_filament_profile")
        return PrinterOffer(
            printer,
            f"{self._index_path.name} {self._index.get('version', '')}".strip(),
            machine,
            default_first(processes, process, remarks),
            named_by_vendor(default_first(filaments, filament, remarks), named, filament),
            (*remarks, *self._ignored),
        )

    def filaments_for(
        self, name: str, settings: Mapping[str, str], remarks: list[str]
    ) -> list[FlatPreset]:
        """The vendor's own, and of those for all the ones that it has no own of that name for."""
        own = [*self._meant_for(name, settings, ProfileKind.FILAMENT, remarks)]
        if self._shared is None:
            return own
        known = {each.name for each in own}
        others = self._shared.filaments_for(name, settings, remarks)
        return own + [each for each in others if each.name not in known]

    def preset(self, kind: ProfileKind, name: str) -> FlatPreset | None:
        """See `VendorLibrary.preset`."""
        raw = self.find(kind, name)
        return self._inheritance[kind].flattened(raw) if raw else None

    def _meant_for(
        self, name: str, settings: Mapping[str, str], kind: ProfileKind, remarks: list[str]
    ) -> Iterator[FlatPreset]:
        for preset in self._all(kind, remarks, name):
            names = _texts(preset.values.get("compatible_printers", ()))
            condition = _first(preset.values, "compatible_printers_condition")
            try:
                if is_meant_for((name,), settings, names, condition):
                    kept = {
                        k: v for k, v in preset.values.items() if not k.startswith("compatible_")
                    }
                    yield replace(preset, values=kept)
            except ConditionError as error:
                remarks.append(f"{preset.name}: its condition cannot be judged ({error})")

    def _all(
        self, kind: ProfileKind, remarks: list[str], printer: str = ""
    ) -> Iterator[FlatPreset]:
        """Those that can be chosen; what is wrong with one does not hide the others.

        With a printer, without those that state others; they are most of a vendor's, and not kept.
        """
        for name, path in self._paths(_LISTS[kind]).items():
            try:
                content = self._read(path)
                printers = content.get("compatible_printers")
                if printer and printers and isinstance(printers, list) and printer not in printers:
                    continue
                if content.get("instantiation") == "true":
                    raw = self.find(kind, name)
                    assert raw is not None  # noqa: S101 - of the index
                    yield self._inheritance[kind].flattened(raw)
            except ShopError as error:
                remarks += map(str, error.faults)

    def find(self, kind: ProfileKind, name: str) -> RawPreset | None:
        """A preset by its name, also one of those for all."""
        path = self._paths(_LISTS[kind]).get(name)
        if path is None:
            is_shared = kind is ProfileKind.FILAMENT and self._shared
            return self._shared.find(kind, name) if is_shared and self._shared else None
        content = self._content(path)
        values = {key: accepted(content[key]) for key in sorted(content.keys() - OF_THE_FILE)}
        kept = {key: value for key, value in values.items() if value is not None}
        ignored = (key for key in values if key not in kept)
        self._ignored |= {
            f"{name}: {key} is no text; OrcaSlicer ignores it": None for key in ignored
        }
        parent = str(content.get("inherits") or "")
        return RawPreset(name, str(path), (parent,) if parent else (), kept)

    @cached_property
    def _index(self) -> dict[str, Any]:
        return _json(self._index_path, self._index_path.name)

    def _paths(self, key: str) -> Mapping[str, PurePosixPath]:
        """Where the presets of a list of the index are, by name."""
        if key not in self._lists:
            paths = self._lists[key] = {}
            entries = self._index.get(key, ())
            for entry in entries if isinstance(entries, list) else ():
                name, path = str(entry.get("name")), PurePosixPath(str(entry.get("sub_path")))
                if paths.setdefault(name, path) != path:
                    self._ignored[f"{name}: stands in the index twice; the first counts"] = None
        return self._lists[key]

    def _content(self, path: PurePosixPath) -> dict[str, Any]:
        """A file, which is kept: others may inherit from it."""
        if path not in self._files:
            self._files[path] = self._read(path)
        return self._files[path]

    def _read(self, path: PurePosixPath) -> dict[str, Any]:
        if path not in self._files:
            if path.is_absolute() or ".." in path.parts:
                message = f"{path} leads out of the library."
                raise ShopError((Fault(self._index_path.name, "sub_path", None, message),))
            folder = self._index_path.with_suffix("")
            return _json(folder / path, f"{folder.name}/{path}")
        return self._files[path]

    def _model(self, name: str) -> dict[str, Any]:
        path = self._paths(_MODELS).get(name)
        return self._content(path) if path else {}


def accepted(stated: object) -> Value | None:
    """A value that OrcaSlicer takes: text, or a list of text; None for others."""
    if isinstance(stated, list) and all(isinstance(each, str) for each in stated):
        return tuple(stated)
    return stated if isinstance(stated, str) else None


def _texts(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _first(values: Mapping[str, Value], key: str) -> str:
    return next(iter(_texts(values.get(key, ()))), "")


def _json(path: Path, shown: str) -> dict[str, Any]:
    """A file of the library.

    Raises:
        ShopError: It is too big, or no JSON object.
    """
    message = "is no JSON object."
    try:
        if isinstance(content := json.loads(read_file(path)), dict):
            return content
    except OSError as error:
        message = f"cannot be read ({error.strerror})."
    except (ValueError, RecursionError):
        message = "is not JSON."
    raise ShopError((Fault(shown, "", None, message),))
